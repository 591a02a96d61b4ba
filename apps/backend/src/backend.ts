import { requestAudit } from '@cloudemy/auth';
import { backendAudit } from '@cloudemy/contracts';
import { databaseProblems } from '@cloudemy/mongo';
import {
  Health,
  type HttpServer,
  type Lifecycle,
  type Logger,
  Metrics,
  isProxyOf,
  listen,
  serverLimits,
} from '@cloudemy/service';
import { type Tracer, silentTracer } from '@cloudemy/tracing';
import type { Express, RequestHandler } from 'express';
import { createIdentity } from './accounts/identity.js';
import { type Apps, buildApps } from './app.js';
import { createBackendGuard } from './auth/guard.js';
import { leaveAfterMs, openBase } from './base.js';
import type { BackendConfig } from './config.js';
import { createCourses } from './courses/create-courses.js';
import { createEvents } from './events/create-events.js';
import { createTelling } from './events/create-telling.js';
import { BackendMetrics } from './metrics/metrics.js';
import { createRegrades } from './regrades/create-regrades.js';
import { createReviews } from './reviews/create-reviews.js';
import { createIndexes } from './stores.js';
import { createGrading } from './submissions/create-grading.js';
import { startSweeps } from './sweeps.js';

/** What takes credentials in its body. */
const signIns = new Set(['login', 'register', 'acceptInvitation', 'exchangeApiKey']);

/** Milliseconds that answers under way may take to finish at the end. */
const closeGraceMs = 5_000;

/**
 * Starts a backend: it listens at once and is ready when MongoDB answers.
 *
 * @param lifecycle learns what stops each part
 * @returns the ports in use
 * @throws ListenError when the address cannot be had
 */
export async function startBackend(
  config: BackendConfig,
  log: Logger,
  lifecycle: Lifecycle,
  tracer: Tracer = silentTracer,
): Promise<{ port: number; internalPort: number | undefined }> {
  const health = new Health();
  const metrics = new Metrics('backend');
  const backendMetrics = new BackendMetrics(metrics);

  const base = openBase(config, log, lifecycle, health);
  const { database, stores, redis, audit } = base;
  const identity = createIdentity(base);
  const grading = createGrading(base, backendMetrics);
  database.open(config.MONGO_URI, config.DB_NAME, async () => {
    await createIndexes(stores);
    await identity.prepare();
    await grading.receiptKeys.publish();
  });
  const regrades = createRegrades(base, grading);
  const events = createEvents(base);
  const telling = createTelling(base);
  startSweeps({ base, metrics: backendMetrics, grading, regrades, events, telling });

  const requireDatabase: RequestHandler = (_req, _res, next) => {
    database.assertReady();
    next();
  };
  const { authenticate } = identity;
  const apps = buildApps({
    ...grading,
    config,
    log,
    health,
    metrics,
    tracer,
    identity,
    guard: createBackendGuard({
      config,
      stores,
      redis,
      tokens: grading.tokens,
      authenticate,
      requireDatabase,
    }),
    audit: requestAudit(audit, backendAudit, signIns),
    auditModel: stores.audit,
    requireDatabase,
    translators: [databaseProblems],
    streams: events.streams,
    streamSlots: events.slots,
    courses: createCourses(base, identity.accounts),
    regrades,
    webhooks: telling.webhooks,
    reviews: createReviews(base),
    standings: stores,
  });
  lifecycle.onStop('audit', () => audit.flush(), { leaveAfterMs });
  const servers = await listenTo(apps, config);
  lifecycle.onStop('http', async () => {
    health.startDraining();
    events.hub.close();
    await Promise.all(servers.map((server) => server.close(closeGraceMs)));
  });
  const [port = 0, internalPort] = servers.map((server) => server.port);
  log.info({ host: config.HOST, port, internal_port: internalPort }, 'listening');
  return { port, internalPort };
}

/** The server of PORT, then that of INTERNAL_PORT, if there is one. */
function listenTo({ main, internal }: Apps, config: BackendConfig): Promise<HttpServer[]> {
  const start = (app: Express, port: number): Promise<HttpServer> =>
    listen(app, config.HOST, port, { limits: serverLimits(config), isProxy: isProxyOf(app) });
  const both = internal === undefined ? [] : [start(internal, config.INTERNAL_PORT ?? 0)];
  return Promise.all([start(main, config.PORT), ...both]);
}
