import { type RequestHandler, Router } from 'express';
import { routeOf } from '../http/route-of.js';
import { measureTurns } from './event-loop.js';
import { recent } from '../recent.js';
import { Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** Collecting figures takes some milliseconds, and anyone may ask: it is done once in this time. */
const recentMs = 1_000;

/** The service's Prometheus metrics, its own ones to be added to `registry`. */
export class Metrics {
  readonly registry = new Registry();
  readonly httpMiddleware: RequestHandler;

  private readonly toldAgainMs: number;

  /** @param toldAgainMs milliseconds that figures are told again */
  constructor(service: string, toldAgainMs = recentMs) {
    this.toldAgainMs = toldAgainMs;
    this.registry.setDefaultLabels({ service });
    collectDefaultMetrics({ register: this.registry });
    measureTurns(this.registry);
    const seconds = new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Time from the first byte of a request to the last of its answer, by route.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers: [this.registry],
    });
    this.httpMiddleware = (req, res, next) => {
      const stop = seconds.startTimer({ method: req.method });
      res.once('close', () => {
        // Streams last as long as their reader.
        if (!String(res.getHeader('content-type')).startsWith('text/event-stream')) {
          stop({ route: routeOf(req), status: res.statusCode });
        }
      });
      next();
    };
  }

  /** `/metrics` */
  routes(): Router {
    const router = Router();
    const text = recent(this.toldAgainMs, () => this.registry.metrics());
    router.get('/metrics', async (_req, res) => {
      res.set('Content-Type', this.registry.contentType).send(await text());
    });
    return router;
  }
}
