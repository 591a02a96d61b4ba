import { type Response, Router } from 'express';
import type { CheckResult, Health } from './health.js';

/** `/livez`: the work loops turn. `/readyz`, also as `/healthz` and `/health`: the dependencies answer. */
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
  const ok = checks.every((check) => check.ok);
  res
    .status(ok ? 200 : 503)
    .set('Cache-Control', 'no-store')
    .json({ status: ok ? 'ok' : 'failing', checks });
}
