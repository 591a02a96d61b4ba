import { type Tracer, silentTracer } from './tracer.js';

export interface TracerOptions {
  /** `service.name` of all spans. */
  service: string;
  /** `OTEL_EXPORTER_OTLP_ENDPOINT`; nothing is traced, and nothing loaded, without it. */
  endpoint: string | undefined;
  /** `OTEL_EXPORTER_OTLP_HEADERS`: `name=value` pairs with commas between, the values percent-encoded. */
  headers?: string | undefined;
  /** Told, once for every outage, that spans could not be sent. */
  onLost?: (error: unknown) => void;
}

/** A tracer that sends to an OpenTelemetry collector, when one is named. */
export async function openTracer(options: TracerOptions): Promise<Tracer> {
  const { endpoint } = options;
  if (endpoint === undefined) return silentTracer;
  const { OtlpTracer } = await import('./otlp-tracer.js');
  return new OtlpTracer({ ...options, endpoint });
}
