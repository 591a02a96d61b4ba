import { type AccessTable, type Api, type OpenApiInfo, openPaths } from '@cloudemy/contracts';
import { type Tracer, silentTracer } from '@cloudemy/tracing';
import express, { type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import { healthRoutes } from '../health/routes.js';
import type { Health } from '../health/health.js';
import type { Logger } from '../log/logger.js';
import type { Metrics } from '../metrics/metrics.js';
import { accessLog } from './access-log.js';
import { docs } from './docs.js';
import { assertKnownRoutes } from './known-routes.js';
import { type OriginPolicy, originGuard } from './origin-guard.js';
import {
  type ErrorTranslator,
  type ProblemListener,
  problemHandler,
  unknownPath,
} from './problem-handler.js';
import type { TrustedProxies } from './trusted-proxies.js';
import { requestContext } from './request-context.js';

export interface HttpAppOptions {
  api: Api;
  /** Who may call what, for the documentation. */
  access?: AccessTable;
  /** What is served besides the API, to anyone; health, metrics and docs when left out. */
  open?: Readonly<Record<string, string>>;
  info: OpenApiInfo;
  log: Logger;
  health: Health;
  metrics: Metrics;
  /** Whether `/metrics` is answered here; true when left out. */
  tellsMetrics?: boolean;
  origins: OriginPolicy;
  /** Answers preflights and adds CORS headers; before everything that can fail. */
  cors?: RequestHandler;
  /** The routers of the service, in order. */
  routes: RequestHandler[];
  translators?: ErrorTranslator[];
  /** Is told of every problem that an operation was answered with. */
  onProblem?: ProblemListener;
  /** Nothing is traced when left out. */
  tracer?: Tracer;
  /** What of a path the access log shows; all of it when left out. */
  loggedPath?: (path: string) => string;
  /** Proxies in front whose `X-Forwarded-*` are believed; none when left out. */
  trustProxy?: TrustedProxies;
}

/**
 * An express app with all that every service does the same way around the service's own routes.
 *
 * @throws UnknownRouteError when a route is neither in the API nor open
 */
export function createHttpApp(options: HttpAppOptions): Express {
  const { log, metrics, health } = options;
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  // Without a tag of ours nothing that a client holds can be known to be fresh: `If-None-Match: *` gets the answer.
  Object.defineProperty(app.request, 'fresh', { get: () => false });
  app.set('trust proxy', options.trustProxy ?? 0);
  app.set('query parser', 'simple');
  app.use(
    requestContext(options.tracer ?? silentTracer),
    accessLog(log, options.loggedPath),
    metrics.httpMiddleware,
  );
  app.use(helmet({ contentSecurityPolicy: apiSecurity, strictTransportSecurity: false }));
  app.use(originGuard(options.origins), healthRoutes(health));
  if (options.tellsMetrics ?? true) app.use(metrics.routes());
  if (options.cors !== undefined) app.use(options.cors);
  app.use(docs(options.api, options.info, options.access ?? {}));
  app.use(...options.routes);
  assertKnownRoutes(app.router, options.api, options.open ?? openPaths);
  app.use(unknownPath);
  app.use(problemHandler(log, options.translators ?? [], options.onProblem));
  return app;
}

/** Whether an app believes what a connection from this address says of where requests come from. */
export function isProxyOf(app: Express): (address: string) => boolean {
  const trusts: unknown = app.get('trust proxy fn');
  return (address) => typeof trusts === 'function' && trusts(address, 0) === true;
}

/** JSON needs nothing; a page that a service serves sets its own policy. */
const apiSecurity = {
  useDefaults: false,
  directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
};
