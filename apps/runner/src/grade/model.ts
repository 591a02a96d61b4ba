import { z } from 'zod';
import type { RunnerEnv } from '@cloudemy/contracts';
import OpenAI from 'openai';
import type { ChatCompletion } from 'openai/resources/chat/completions';
import { type Logger, errorFields } from '../log.js';
import type { Message } from '../prompt/messages.js';
import { withRetries } from '../retry.js';
import { classify, worthAsking } from './classify.js';
import { type Dialect, fullDialect, requestBody, simplerDialect } from './dialect.js';
import { GradingError } from './grading-error.js';
import type { Meter } from './meter.js';

/** No wait between two requests is longer, in milliseconds: the Job has a deadline. */
const maxWaitMs = 20_000;
/** By these the stand-in of the development stack says what it is. */
const standInFingerprint = 'cloudemy-emulator-llm';
const standInHeader = 'x-cloudemy-stand-in';

export type ModelEnv = Pick<
  RunnerEnv,
  | 'LLM_API_KEY'
  | 'LLM_BASE_URL'
  | 'LLM_MODEL'
  | 'LLM_TIMEOUT_MS'
  | 'LLM_MAX_RETRIES'
  | 'LLM_TEMPERATURE'
  | 'LLM_MAX_TOKENS'
>;

/** A model behind an endpoint that speaks OpenAI's API. Learns what dialect the endpoint understands. */
export class Model {
  private readonly client: OpenAI;
  private dialect: Dialect = fullDialect;

  private readonly env: ModelEnv;
  private readonly meter: Meter;
  private readonly log: Logger;
  /** Milliseconds that are left for grading. */
  private readonly timeLeft: () => number;

  constructor(env: ModelEnv, meter: Meter, log: Logger, timeLeft: () => number) {
    this.env = env;
    this.meter = meter;
    this.log = log;
    this.timeLeft = timeLeft;

    this.client = new OpenAI({
      apiKey: env.LLM_API_KEY,
      // An explicit null keeps the client from reading variables of its own.
      baseURL: env.LLM_BASE_URL ?? 'https://api.openai.com/v1',
      organization: null,
      project: null,
      timeout: env.LLM_TIMEOUT_MS,
      // Retried here instead, where retries are counted, logged and bounded by the time that is left.
      maxRetries: 0,
      logLevel: 'off',
    });
  }

  /**
   * The text of the model's answer to a conversation.
   * @throws GradingError when there is none; the signal's reason when aborted.
   */
  async ask(
    messages: readonly Message[],
    schema: Record<string, unknown>,
    signal: AbortSignal,
  ): Promise<string> {
    const completion = await withRetries(() => this.request(messages, schema, signal), {
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
    return textOf(completion);
  }

  private async request(
    messages: readonly Message[],
    schema: Record<string, unknown>,
    signal: AbortSignal,
  ): Promise<ChatCompletion> {
    for (;;) {
      try {
        return await this.send(messages, schema, signal);
      } catch (error) {
        signal.throwIfAborted();
        const simpler = simplerDialect(error, this.dialect);
        if (simpler === undefined) throw classify(error);
        this.dialect = simpler;
        this.meter.repeated();
        this.log.info('the endpoint does not know a parameter; asking in simpler words', { ...simpler });
      }
    }
  }

  private async send(
    messages: readonly Message[],
    schema: Record<string, unknown>,
    signal: AbortSignal,
  ): Promise<ChatCompletion> {
    const { LLM_MODEL, LLM_TEMPERATURE, LLM_MAX_TOKENS } = this.env;
    const settings = { model: LLM_MODEL, temperature: LLM_TEMPERATURE, maxTokens: LLM_MAX_TOKENS };
    const body = requestBody(messages, schema, settings, this.dialect);
    const { data, response } = await this.meter.time(() =>
      this.client.chat.completions.create(body, { signal }).withResponse(),
    );
    if (typeof data !== 'object' || !Array.isArray(data.choices)) {
      throw new GradingError('llm_unavailable', "the endpoint does not speak OpenAI's API");
    }
    this.meter.answered({
      ...figuresOf(data),
      standIn: data.system_fingerprint === standInFingerprint || response.headers.has(standInHeader),
    });
    return data;
  }
}

const Figures = z.object({
  model: z.string().optional().catch(undefined),
  usage: z
    .object({
      prompt_tokens: z.int().min(0),
      completion_tokens: z.int().min(0),
      total_tokens: z.int().min(0),
    })
    .optional()
    .catch(undefined),
});

/** Servers that speak OpenAI's API leave these out, or fill them oddly: a grade must not be lost over that. */
const figuresOf = (completion: ChatCompletion): z.output<typeof Figures> => Figures.parse(completion);

function textOf(completion: ChatCompletion): string {
  const choice = completion.choices[0];
  if (choice?.finish_reason === 'content_filter') {
    throw new GradingError('llm_content_filtered', 'the content filter stopped the answer');
  }
  if (typeof choice?.message.refusal === 'string' && choice.message.refusal !== '') {
    throw new GradingError('llm_refused', 'the model refused');
  }
  if (choice?.finish_reason === 'length') {
    throw new GradingError('llm_invalid_answer', 'the answer was cut off at LLM_MAX_TOKENS');
  }
  return choice?.message.content ?? '';
}
