import type { TracerOptions } from './open-tracer.js';
import { type FinishedSpan, exportRequest } from './otlp-json.js';
import { childOf, formatTraceparent } from './traceparent.js';
import type { Span, SpanOptions, Tracer } from './tracer.js';

/** Milliseconds between two deliveries, and that one may take. */
const everyMs = 2_000;
const sendMs = 5_000;
/** Spans of one delivery, and those that are kept while the collector is away: the oldest go first. */
const batch = 512;
const mostKept = 4_096;

/** Records spans and sends them to a collector as OTLP over HTTP with JSON. The runner's: services use the SDK. */
export class OtlpTracer implements Tracer {
  readonly #url: string;
  readonly #headers: Record<string, string>;
  #ended: FinishedSpan[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  #isLosing = false;

  private readonly options: TracerOptions & { endpoint: string };

  constructor(options: TracerOptions & { endpoint: string }) {
    this.options = options;

    // https://opentelemetry.io/docs/specs/otel/protocol/exporter/#endpoint-urls-for-otlphttp
    this.#url = `${options.endpoint.replace(/\/+$/, '')}/v1/traces`;
    this.#headers = { ...parseHeaders(options.headers), 'content-type': 'application/json' };
  }

  start(name: string, { parent: asked, kind = 'internal', attributes = {} }: SpanOptions = {}): Span {
    const { context, parent } = childOf(asked);
    const span: FinishedSpan = {
      context,
      parentSpanId: parent?.spanId,
      name,
      kind,
      attributes: { ...attributes },
      startedAt: performance.timeOrigin + performance.now(),
      endedAt: 0,
      error: undefined,
    };
    let isOver = false;
    return {
      traceparent: formatTraceparent(context),
      set: (more) => Object.assign(span.attributes, more),
      rename: (other) => {
        span.name = other;
      },
      end: (error) => {
        if (isOver) return;
        isOver = true;
        span.endedAt = performance.timeOrigin + performance.now();
        span.error = error === undefined ? undefined : messageOf(error);
        if (context.sampled) this.#keep(span);
      },
    };
  }

  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#sending;
    while (this.#ended.length > 0) {
      const left = this.#ended.length;
      this.#sending = this.#send();
      await this.#sending;
      // Nobody there: what is left stays for later.
      if (this.#ended.length >= left) return;
    }
  }

  #keep(span: FinishedSpan): void {
    this.#ended.push(span);
    if (this.#ended.length > mostKept) this.#ended.shift();
    this.#timer ??= setTimeout(() => void this.flush(), everyMs).unref();
  }

  async #send(): Promise<void> {
    const spans = this.#ended.slice(0, batch);
    try {
      const answer = await fetch(this.#url, {
        method: 'POST',
        headers: this.#headers,
        body: JSON.stringify(exportRequest(this.options.service, spans)),
        signal: AbortSignal.timeout(sendMs),
      });
      await answer.arrayBuffer();
      // Refused for good: sent again, they would be refused again.
      const isWorthAnotherTry = answer.status === 429 || answer.status >= 500;
      if (!answer.ok) this.#lost(new Error(`the collector answered ${answer.status}`));
      if (isWorthAnotherTry) return;
      this.#isLosing &&= !answer.ok;
      const sent = new Set(spans);
      this.#ended = this.#ended.filter((span) => !sent.has(span));
    } catch (error) {
      this.#lost(error);
    }
  }

  #lost(error: unknown): void {
    if (!this.#isLosing) this.options.onLost?.(error);
    this.#isLosing = true;
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function parseHeaders(text = ''): Record<string, string> {
  return Object.fromEntries(
    text.split(',').flatMap((pair) => {
      const at = pair.indexOf('=');
      return at < 1 ? [] : [[pair.slice(0, at).trim(), decodeURIComponent(pair.slice(at + 1).trim())]];
    }),
  );
}
