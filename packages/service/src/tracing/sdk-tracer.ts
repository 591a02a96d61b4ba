import type { Span, SpanOptions, Tracer, TracerOptions } from '@cloudemy/tracing';
import {
  type Context,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  type Tracer as SdkTracer,
  trace,
} from '@opentelemetry/api';
import {
  type ExportResult,
  ExportResultCode,
  parseKeyPairsIntoRecord,
  parseTraceParent,
} from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, type ReadableSpan, TracerProvider } from '@opentelemetry/sdk-trace';

/** Milliseconds between two deliveries, and that one may take. */
const everyMs = 2_000;
const sendMs = 5_000;
/** Spans that wait for their delivery; later ones are dropped. */
const mostKept = 4_096;

const kinds = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  consumer: SpanKind.CONSUMER,
};

/** Spans of OpenTelemetry's SDK, sent as OTLP over HTTP. Loaded only where spans are sent. */
export class OpenTelemetryTracer implements Tracer {
  readonly #provider: TracerProvider;
  readonly #tracer: SdkTracer;

  constructor({ service, endpoint, headers, onLost }: TracerOptions & { endpoint: string }) {
    const exporter = new TellingExporter(
      {
        // https://opentelemetry.io/docs/specs/otel/protocol/exporter/#endpoint-urls-for-otlphttp
        url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
        headers: parseKeyPairsIntoRecord(headers),
        timeoutMillis: sendMs,
      },
      onLost,
    );
    const batches = new BatchSpanProcessor({
      exporter,
      scheduledDelayMillis: everyMs,
      exportTimeoutMillis: sendMs,
      maxQueueSize: mostKept,
    });
    this.#provider = new TracerProvider({
      resource: resourceFromAttributes({ 'service.name': service }),
      spanProcessors: [batches],
    });
    this.#tracer = this.#provider.getTracer('cloudemy');
  }

  start(name: string, { parent, kind = 'internal', attributes = {} }: SpanOptions = {}): Span {
    const span = this.#tracer.startSpan(name, { kind: kinds[kind], attributes }, below(parent));
    const { traceId, spanId, traceFlags } = span.spanContext();
    return {
      traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`,
      set: (more) => void span.setAttributes(more),
      rename: (other) => void span.updateName(other),
      end: (error) => {
        if (error !== undefined) {
          span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
        }
        span.end();
      },
    };
  }

  async flush(): Promise<void> {
    // What cannot be sent was told of by the exporter.
    await this.#provider.forceFlush().catch(() => {});
  }
}

/** The exporter drops what it cannot send, after some tries; that is told once for every outage. */
class TellingExporter extends OTLPTraceExporter {
  #isLosing = false;
  readonly #onLost: TracerOptions['onLost'];

  constructor(config: ConstructorParameters<typeof OTLPTraceExporter>[0], onLost: TracerOptions['onLost']) {
    super(config);
    this.#onLost = onLost;
  }

  override export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    super.export(spans, (result) => {
      const isLost = result.code === ExportResultCode.FAILED;
      if (isLost && !this.#isLosing) this.#onLost?.(result.error);
      this.#isLosing = isLost;
      done(result);
    });
  }
}

function below(traceparent: string | undefined): Context {
  const parent = traceparent === undefined ? null : parseTraceParent(traceparent);
  return parent === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true });
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
