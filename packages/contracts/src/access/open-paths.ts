/**
 * What a service serves besides its API, to anyone who can reach it: it tells nothing about anyone. A path ends
 * in `/` when all below it is meant. Nothing else may be served outside the API.
 */
export const openPaths = {
  '/livez': 'health',
  '/readyz': 'health',
  '/healthz': 'health',
  '/health': 'health',
  '/metrics': 'figures for Prometheus; keep it off the Ingress',
  '/openapi.json': 'the description of the API',
  '/docs': 'a page for it',
} as const satisfies Record<`/${string}`, string>;
