export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** Where a span stands: it answers a call, makes one, takes a message, or is work of its own. */
export type SpanKind = 'internal' | 'server' | 'client' | 'consumer';

export interface SpanOptions {
  /** The W3C `traceparent` of what asked for this; a new trace begins without one. */
  parent?: string | undefined;
  kind?: SpanKind;
  attributes?: Attributes;
}

/** A piece of work that takes time. */
export interface Span {
  /** To be handed to whatever is done on its behalf; undefined when nothing is traced and nobody asked for it. */
  readonly traceparent: string | undefined;
  set(attributes: Attributes): void;
  rename(name: string): void;
  /** @param error what made it fail, if it did */
  end(error?: unknown): void;
}

export interface Tracer {
  start(name: string, options?: SpanOptions): Span;
  /** Sends what has ended. Never rejects: traces are not worth failing for. */
  flush(): Promise<void>;
}

/** Traces nothing, but hands on what it was given: the caller's trace reaches the end all the same. */
export const silentTracer: Tracer = {
  start: (_name, { parent } = {}) => ({ traceparent: parent, set() {}, rename() {}, end() {} }),
  flush: () => Promise.resolve(),
};

/** Does some work in a span that ends with it, and fails with it. */
export async function inSpan<T>(
  tracer: Tracer,
  name: string,
  options: SpanOptions,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const span = tracer.start(name, options);
  try {
    const result = await work(span);
    span.end();
    return result;
  } catch (error) {
    span.end(error);
    throw error;
  }
}
