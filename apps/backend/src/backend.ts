import { requestAudit } from '@cloudemy/auth';
import { backendAudit } from '@cloudemy/contracts';
import { databaseProblems } from '@cloudemy/mongo';
import {
  Health,
  type Lifecycle,
  type Logger,
  Metrics,
  isProxyOf,
  listen,
  serverLimits,
} from '@cloudemy/service';
import { type Tracer, silentTracer } from '@cloudemy/tracing';
import type { RequestHandler } from 'express';
import { createIdentity } from './accounts/identity.js';
import { buildApp } from './app.js';
import { createBackendGuard } from './auth/guard.js';
import { leaveAfterMs, openBase } from './base.js';
import type { BackendConfig } from './config.js';
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
 * @returns the port in use
 * @throws ListenError when the address cannot be had
 */
export async function startBackend(
  config: BackendConfig,
  log: Logger,
  lifecycle: Lifecycle,
  tracer: Tracer = silentTracer,
): Promise<{ port: number }> {
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
  const app = buildApp({
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
    regrades,
    webhooks: telling.webhooks,
    reviews: createReviews(base),
  });
  lifecycle.onStop('audit', () => audit.flush(), { leaveAfterMs });
  const server = await listen(app, config.HOST, config.PORT, {
    limits: serverLimits(config),
    isProxy: isProxyOf(app),
  });
  lifecycle.onStop('http', async () => {
    health.startDraining();
    events.hub.close();
    await server.close(closeGraceMs);
  });
  log.info({ host: config.HOST, port: server.port }, 'listening');
  return { port: server.port };
}
