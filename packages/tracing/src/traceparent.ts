import { randomBytes } from 'node:crypto';

/** Ids of a span and of its trace (https://www.w3.org/TR/trace-context/). */
export interface SpanContext {
  traceId: string;
  spanId: string;
  sampled: boolean;
}

const pattern = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const sampledFlag = 1;

/** Undefined for what is no `traceparent`, and for ids of zeros, which mean none. */
function parseTraceparent(value: string | undefined): SpanContext | undefined {
  const [, traceId, spanId, flags] = pattern.exec(value ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & sampledFlag) === sampledFlag };
}

export function formatTraceparent({ traceId, spanId, sampled }: SpanContext): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}

/** A span below another, or the first of a new trace. Whether to record is for whoever began the trace to say. */
export function childOf(traceparent: string | undefined): {
  context: SpanContext;
  parent: SpanContext | undefined;
} {
  const parent = parseTraceparent(traceparent);
  const context = {
    traceId: parent?.traceId ?? randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    sampled: parent?.sampled ?? true,
  };
  return { context, parent };
}
