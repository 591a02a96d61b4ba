import { z } from 'zod';
import type { Json, SchemaComponents } from './openapi-schemas.js';

export const healthTag = 'Health';

const HealthReport = z
  .object({
    status: z.enum(['ok', 'degraded', 'failing']),
    checks: z.array(
      z.object({
        name: z.string(),
        ok: z.boolean(),
        optional: z.literal(true).optional().describe('The service works on without it.'),
        detail: z.string().optional().describe('What is wrong.'),
      }),
    ),
  })
  .meta({ id: 'HealthReport' });

const ready = 'Whether what the service needs answers; `degraded` when only something optional does not';

/**
 * What every service serves to anyone besides its API.
 *
 * @param refusals what any route can answer instead
 */
export function openOperations(components: SchemaComponents, refusals: Json): Record<string, Json> {
  const report = { 'application/json': { schema: components.add(HealthReport, 'output') } };
  const health = (operationId: string, summary: string): Json => ({
    get: {
      operationId,
      summary,
      tags: [healthTag],
      security: [],
      responses: {
        ...refusals,
        200: { description: 'It does.', content: report },
        503: { description: 'It does not; the checks say what fails.', content: report },
      },
    },
  });
  return {
    '/livez': health('livez', 'Whether the work loops of the service turn'),
    '/readyz': health('readyz', ready),
    '/healthz': health('healthz', `${ready}: as /readyz`),
    '/health': health('health', `${ready}: as /readyz`),
    '/metrics': {
      get: {
        operationId: 'metrics',
        summary: 'Figures for Prometheus',
        tags: [healthTag],
        security: [],
        responses: {
          ...refusals,
          200: { description: 'The figures.', content: { 'text/plain': { schema: { type: 'string' } } } },
        },
      },
    },
  };
}
