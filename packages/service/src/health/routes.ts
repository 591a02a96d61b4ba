import { type Response, Router } from 'express';
import type { CheckResult, Health } from './health.js';

/**
 * `/livez`: the work loops turn. `/readyz`, also as `/healthz` and `/health`: the dependencies answer; 200 with the
 * status `degraded` when only optional ones do not.
 */
export function healthRoutes(health: Health): Router {
  const router = Router();
  router.get('/livez', (_req, res) => {
    report(res, health.live());
  });
  router.get(['/readyz', '/healthz', '/health'], async (_req, res) => {
    report(res, await health.ready());
  });
  return router;
}

function report(res: Response, checks: CheckResult[]): void {
  const failed = checks.filter((check) => !check.ok);
  const works = failed.every((check) => check.optional === true);
  res
    .status(works ? 200 : 503)
    .set('Cache-Control', 'no-store')
    .json({ status: failed.length === 0 ? 'ok' : works ? 'degraded' : 'failing', checks });
}
