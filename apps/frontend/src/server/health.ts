import type { ServerResponse } from 'node:http';
import type { Health } from '@cloudemy/service';

/**
 * Answers the probes. The services behind do not count: without them the pages say so, and no other replica could do
 * better.
 *
 * @returns whether it was one
 */
export async function answerHealth(path: string, health: Health, res: ServerResponse): Promise<boolean> {
  if (path !== '/livez' && path !== '/readyz' && path !== '/healthz') return false;
  const checks = path === '/readyz' ? await health.ready() : health.live();
  const ok = checks.every((check) => check.ok);
  res.writeHead(ok ? 200 : 503, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  res.end(JSON.stringify({ status: ok ? 'ok' : 'unavailable', checks }));
  return true;
}
