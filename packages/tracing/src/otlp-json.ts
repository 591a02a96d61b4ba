import type { SpanContext } from './traceparent.js';
import type { Attributes, SpanKind } from './tracer.js';

/** A span with its end. Times are milliseconds since 1970. */
export interface FinishedSpan {
  context: SpanContext;
  parentSpanId: string | undefined;
  name: string;
  kind: SpanKind;
  attributes: Record<string, Attributes[string]>;
  startedAt: number;
  endedAt: number;
  error: string | undefined;
}

/** Numbers of the protocol's enumerations (opentelemetry/proto/trace/v1/trace.proto). */
const kinds: Record<SpanKind, number> = { internal: 1, server: 2, client: 3, consumer: 5 };
const statusError = 2;

/** The body of `POST /v1/traces`: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */
export function exportRequest(service: string, spans: readonly FinishedSpan[]) {
  return {
    resourceSpans: [
      {
        resource: { attributes: attributesOf({ 'service.name': service, 'service.namespace': 'cloudemy' }) },
        scopeSpans: [{ scope: { name: 'cloudemy' }, spans: spans.map(spanOf) }],
      },
    ],
  };
}

function spanOf(span: FinishedSpan) {
  return {
    traceId: span.context.traceId,
    spanId: span.context.spanId,
    ...(span.parentSpanId === undefined ? {} : { parentSpanId: span.parentSpanId }),
    name: span.name,
    kind: kinds[span.kind],
    startTimeUnixNano: nanoseconds(span.startedAt),
    endTimeUnixNano: nanoseconds(span.endedAt),
    attributes: attributesOf(span.attributes),
    status: span.error === undefined ? {} : { code: statusError, message: span.error },
  };
}

/** 64-bit integers are strings in this JSON; milliseconds as a double keep microseconds. */
const nanoseconds = (ms: number): string => String(BigInt(Math.round(ms * 1_000)) * 1_000n);

function attributesOf(attributes: Attributes) {
  return Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: valueOf(value) }],
  );
}

function valueOf(value: string | number | boolean) {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}
