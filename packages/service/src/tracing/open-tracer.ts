import { type Tracer, type TracerOptions, silentTracer } from '@cloudemy/tracing';

/** The tracer of a service. Nothing is loaded without an endpoint: see docs/adr/0031-traces.md. */
export async function openTracer(options: TracerOptions): Promise<Tracer> {
  const { endpoint } = options;
  if (endpoint === undefined) return silentTracer;
  const { OpenTelemetryTracer } = await import('./sdk-tracer.js');
  return new OpenTelemetryTracer({ ...options, endpoint });
}
