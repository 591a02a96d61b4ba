import type { RunnerEnv } from '@cloudemy/contracts';
import OpenAI from 'openai';
import { GradingError } from '../grade/grading-error.js';
import { type Logger, errorFields } from '../log.js';
import type { Message } from '../prompt/messages.js';
import { withRetries } from '../retry.js';
import { classify, endpointErrorIn, isUnclear, worthAsking } from './classify.js';
import { type Dialect, messagesIn, simplerDialect } from './dialect.js';
import { EndpointError, errorInside } from './endpoint-error.js';
import type { Meter } from './meter.js';
import type { Provider, Reply } from './provider.js';
import type { Question } from './question.js';
import { providerOf } from './providers.js';
import { type Asked, TranscriptKeeper } from './transcript.js';
import { fetchWhole } from './transport.js';

/** No wait between two requests is longer, in milliseconds: the Job has a deadline. */
const maxWaitMs = 20_000;
/** An answer that was cut gets so many times the tokens, up to what most models can write. */
const moreTokens = 4;
const mostTokens = 32_768;

export type ModelEnv = Pick<
  RunnerEnv,
  | 'LLM_API'
  | 'LLM_API_KEY'
  | 'LLM_BASE_URL'
  | 'LLM_MODEL'
  | 'LLM_TIMEOUT_MS'
  | 'LLM_MAX_RETRIES'
  | 'LLM_TEMPERATURE'
  | 'LLM_MAX_TOKENS'
>;

const openai = 'https://api.openai.com/v1';

/** A model behind an endpoint. Learns which dialect the endpoint understands, and how much room an answer takes. */
export class Model {
  private readonly client: OpenAI;
  private readonly provider: Provider;
  private readonly host: string;
  private dialect: Dialect;
  private maxTokens: number;

  private readonly env: ModelEnv;
  private readonly meter: Meter;
  private readonly log: Logger;
  /** Milliseconds that are left for grading. */
  private readonly timeLeft: () => number;
  private readonly transcript: TranscriptKeeper;

  constructor(
    env: ModelEnv,
    meter: Meter,
    log: Logger,
    timeLeft: () => number,
    transcript = new TranscriptKeeper(),
  ) {
    this.transcript = transcript;
    this.env = env;
    this.meter = meter;
    this.log = log;
    this.timeLeft = timeLeft;
    this.provider = providerOf(env);
    this.dialect = this.provider.dialect;
    this.maxTokens = env.LLM_MAX_TOKENS;
    // An explicit URL keeps the client from reading variables of its own.
    const baseURL = (env.LLM_BASE_URL ?? openai).replace(/\/+$/, '');
    this.host = new URL(baseURL).host;
    this.client = new OpenAI({
      apiKey: env.LLM_API_KEY,
      baseURL,
      organization: null,
      project: null,
      timeout: env.LLM_TIMEOUT_MS,
      // Retried here instead, where retries are counted, logged and bounded by the time that is left.
      maxRetries: 0,
      logLevel: 'off',
      fetch: fetchWhole,
    });
  }

  /**
   * What the model says to a conversation, as the texts in which an answer may stand.
   * @throws GradingError when there is none; the signal's reason when aborted.
   */
  async ask(
    messages: readonly Message[],
    schema: Record<string, unknown>,
    signal: AbortSignal,
  ): Promise<Reply> {
    const reply = await this.patiently({ messages, schema, maxTokens: this.maxTokens }, signal);
    if (reply.end === 'filtered') {
      throw new GradingError('llm_content_filtered', `${this.host}: the content filter stopped the answer`);
    }
    if (reply.refused) throw new GradingError('llm_refused', `${this.host}: the model refused`);
    return reply;
  }

  /** Gives the answers to come more room, once; false when they have it already. */
  widen(): boolean {
    const { LLM_MAX_TOKENS } = this.env;
    const wider = Math.max(LLM_MAX_TOKENS, Math.min(mostTokens, LLM_MAX_TOKENS * moreTokens));
    if (this.maxTokens >= wider) return false;
    this.maxTokens = wider;
    this.meter.repeated();
    this.log.warn('the answer was cut by its limit; asking with more room', { LLM_MAX_TOKENS, wider });
    return true;
  }

  private async patiently(question: Question, signal: AbortSignal): Promise<Reply> {
    return await withRetries(() => this.inSomeDialect(question, signal), {
      retries: this.env.LLM_MAX_RETRIES,
      baseMs: 1_000,
      maxWaitMs,
      retryable: (error) => {
        const again = worthAsking(error);
        return again !== undefined && again.afterMs < this.timeLeft() ? again : undefined;
      },
      onRetry: (error, waitMs) => {
        this.meter.repeated();
        this.log.warn('the model gave no answer; asking again', {
          wait_ms: Math.round(waitMs),
          ...errorFields(error),
        });
      },
      signal,
    });
  }

  private async inSomeDialect(question: Question, signal: AbortSignal): Promise<Reply> {
    for (;;) {
      try {
        return await this.send(question, signal);
      } catch (error) {
        signal.throwIfAborted();
        const answered = endpointErrorIn(error);
        const simpler = answered === undefined ? undefined : simplerDialect(answered, this.dialect);
        if (simpler === undefined) throw await this.meant(error, signal);
        this.dialect = simpler;
        this.meter.repeated();
        this.log.info('the endpoint does not know a parameter; asking in simpler words', {
          ...simpler,
          said: answered?.message,
        });
      }
    }
  }

  /** What an error means. A request that is refused for no reason we know: is it this one, or would any be? */
  private async meant(error: unknown, signal: AbortSignal): Promise<unknown> {
    const answered = endpointErrorIn(error);
    if (answered === undefined || !isUnclear(answered)) return classify(error, this.host);
    const refused = await this.refusesAnything(signal);
    if (refused === undefined) return classify(error, this.host);
    if (!isUnclear(refused)) return classify(refused, this.host);
    return new GradingError('llm_endpoint_unusable', `${this.host}: ${answered.message}`, { cause: error });
  }

  /** What it says against a question that holds nothing of a submission; undefined when it says nothing. */
  private async refusesAnything(signal: AbortSignal): Promise<EndpointError | undefined> {
    const messages: Message[] = [{ role: 'user', content: 'Answer with the JSON object {"ok": true}.' }];
    const schema = { type: 'object', properties: { ok: { type: 'boolean' } } };
    try {
      await this.send({ messages, schema, maxTokens: this.maxTokens }, signal);
      return undefined;
    } catch (error) {
      signal.throwIfAborted();
      return endpointErrorIn(error);
    }
  }

  private async send(question: Question, signal: AbortSignal): Promise<Reply> {
    const { LLM_MODEL, LLM_TEMPERATURE } = this.env;
    const { provider, dialect } = this;
    const body = {
      model: LLM_MODEL,
      ...provider.request(question, dialect),
      ...(dialect.temperature ? { temperature: LLM_TEMPERATURE } : {}),
    };
    const { value, headers } = await this.meter.time(async () => {
      const answer = await this.client.post(provider.path, { body, signal }).asResponse();
      return { value: jsonOf(await answer.text()), headers: answer.headers };
    });
    const reply = provider.read(value);
    const error = errorInside(value, headers);
    if (error !== undefined && (reply === undefined || reply.texts.length === 0)) throw error;
    if (reply === undefined) {
      throw new EndpointError(502, 'an answer that is none of the API; is LLM_BASE_URL right?', headers);
    }
    this.meter.answered(reply);
    this.transcript.note(asked(question, body, dialect), reply);
    return reply;
  }
}

/** What of a request is kept: the messages as they went out, and every parameter that is a plain value. */
function asked(question: Question, body: Record<string, unknown>, dialect: Dialect): Asked {
  const plain = Object.entries(body).filter(
    (entry): entry is [string, string | number | boolean] =>
      entry[0] !== 'model' && ['string', 'number', 'boolean'].includes(typeof entry[1]),
  );
  return {
    model: String(body['model']),
    parameters: { ...Object.fromEntries(plain), structure: dialect.structure },
    messages: messagesIn(question, dialect),
  };
}

/** Undefined for what is no JSON, which no API takes for an answer. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    return undefined;
  }
}
