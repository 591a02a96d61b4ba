import {
  Health,
  type Lifecycle,
  type Logger,
  Metrics,
  StreamSlots,
  isProxyOf,
  listen,
  serverLimits,
} from '@cloudemy/service';
import { type Tracer, silentTracer } from '@cloudemy/tracing';
import type { RequestHandler } from 'express';
import { backendAudit } from '@cloudemy/contracts';
import { buildApp } from './app.js';
import { createIdentity } from './accounts/identity.js';
import { Assignments } from './assignments/assignments.js';
import { Stats } from './assignments/stats/stats.js';
import { type BackendConfig, streamLimits, waitingLimits } from './config.js';
import { AuditTrail, requestAudit } from '@cloudemy/auth';
import { Database, databaseProblems } from '@cloudemy/mongo';
import { Budget } from './budget/budget.js';
import { DeadLetters } from './dead-letters/dead-letters.js';
import { createBackendGuard } from './auth/guard.js';
import { SubmissionHub } from './events/hub.js';
import { SubmissionStreams } from './events/stream.js';
import { Attempts } from './internal/attempts.js';
import { RunnerCalls } from './internal/runner-calls.js';
import { QueueHold } from './hold/queue-hold.js';
import { WhyWaiting } from './hold/why-waiting.js';
import { RateLimitCounter } from './llm/rate-limit-counter.js';
import { BackendMetrics } from './metrics/metrics.js';
import { countStatuses } from './metrics/status-counts.js';
import { ImmediatePublisher } from './outbox/immediate-publisher.js';
import { Publisher } from './outbox/publisher.js';
import { QueueReconciler } from './outbox/queue-reconciler.js';
import { sweepOutbox } from './outbox/sweeper.js';
import { QueuePlaces } from './queue/place.js';
import { QueueProducer } from './queue/producer.js';
import { checkRedis, connectRedis, connectSubscriber } from '@cloudemy/redis';
import { redisHints } from './redis/hints.js';
import { RunnerRecords } from './redis/records.js';
import { RegradeListing } from './regrades/listing.js';
import { Regrades } from './regrades/regrades.js';
import { RegradeWorker } from './regrades/worker.js';
import { ResultInbox } from './results/inbox.js';
import { ResultTokens } from './results/token.js';
import { createIndexes, openStores } from './stores.js';
import { IdempotencyKeys } from './submissions/idempotency.js';
import { Intake } from './submissions/intake.js';
import { sweepDeadlines } from './submissions/deadlines.js';
import { Lifetime } from './submissions/lifetime.js';
import { TransitionService } from './submissions/transition-service.js';
import { Regrading } from './submissions/regrading.js';
import { WaitingLimits } from './submissions/waiting-limits.js';
import { Submissions } from './submissions/submissions.js';
import { startLoop } from './sweeping.js';
import { Users } from './users/users.js';

/** Milliseconds between two counts of what waits: as often as Prometheus asks. */
const statusCountsMs = 15_000;

/** What takes credentials in its body. */
const signIns = new Set(['login', 'register', 'acceptInvitation', 'exchangeApiKey']);

/** Milliseconds that answers under way may take to finish at the end. */
const closeGraceMs = 5_000;

/**
 * Milliseconds that each part which waits for a store may take at the end: the store may be gone. What is left undone
 * is in the database, and another replica's sweepers do it.
 */
const leaveAfterMs = 3_000;

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

  const database = new Database('cloudemy-backend', log);
  const { now } = database.clock;
  const stores = openStores(database.connection);
  const users = new Users(stores.users);

  const redis = connectRedis(config.REDIS_URL, 'cloudemy-backend', log);
  const subscriber = connectSubscriber(config.REDIS_URL, 'cloudemy-backend', log);
  lifecycle.onStop('redis', () => {
    redis.disconnect();
    subscriber.disconnect();
  });
  // Submissions are taken in without it and wait in the outbox: no reason for a probe to take every replica away.
  health.addOptional('redis', () => checkRedis(redis));

  const audit = new AuditTrail(stores.audit, log, { retentionDays: config.AUDIT_RETENTION_DAYS });
  const identity = createIdentity({ config, stores, users, redis, audit, log });
  database.open(config.MONGO_URI, config.DB_NAME, async () => {
    await createIndexes(stores);
    await identity.prepare();
  });
  lifecycle.onStop('mongodb', () => database.close(), { leaveAfterMs });
  health.addDependency('mongodb', () => database.ping());

  const queue = new QueueProducer(redis, config.QUEUE_SUBMISSIONS, log);
  lifecycle.onStop('queue', () => queue.close(), { leaveAfterMs });
  const records = new RunnerRecords(
    redis,
    config.RECORD_KEY_SECRET ?? config.RESULT_TOKEN_SECRET,
    config.RECORD_TTL_S,
    config.MAX_RECORD_BYTES,
  );
  const publisher = new Publisher(stores.submissions, records, queue, now);
  const immediatePublisher = new ImmediatePublisher(publisher, log);
  lifecycle.onStop('outbox', () => immediatePublisher.drain(), { leaveAfterMs });

  const llm = new RateLimitCounter(redis, log);
  const queueHold = new QueueHold(redis, log);
  const budget = new Budget(
    stores.spending,
    { perDay: config.MAX_TOKENS_PER_DAY, perAssignment: config.MAX_TOKENS_PER_ASSIGNMENT_PER_DAY },
    now,
    log,
  );
  const lifetime = new Lifetime(config, Math.random, now);
  const transitions = new TransitionService(stores.submissions, lifetime, [
    redisHints(redis, log),
    backendMetrics.onTransition,
    llm.onTransition,
    queueHold.onTransition,
    budget.onTransition,
  ]);
  const assignments = new Assignments(stores.assignments, config.MAX_CODE_BYTES);
  const regrading = new Regrading(assignments, stores.submissions, transitions);
  const deadLetters = new DeadLetters(stores.deadLetters, stores.submissions, transitions, regrading);
  const tokens = new ResultTokens(
    config.RESULT_TOKEN_SECRET,
    config.RESULT_TOKEN_SECRET_PREVIOUS,
    config.RESULT_TOKEN_TTL_MS,
    now,
  );
  const inbox = new ResultInbox(stores.results, stores.submissions, transitions, now);
  const streamSlots = new StreamSlots(streamLimits(config));
  const hub = new SubmissionHub(stores.submissions, subscriber, log);
  const enqueue = immediatePublisher.add.bind(immediatePublisher);

  const lost = new QueueReconciler(stores.submissions, queue, publisher, config.REQUEUE_AFTER_MS);
  const regradeWorker = new RegradeWorker({
    regrades: stores.regrades,
    items: stores.regradeItems,
    submissions: stores.submissions,
    listing: new RegradeListing(stores.regrades, stores.regradeItems, stores.submissions),
    regrading,
    inFlight: config.REGRADE_IN_FLIGHT,
    now,
  });
  const sweeps = {
    outbox: async () => {
      const lag = await sweepOutbox(stores.submissions, publisher, now(), config.SWEEP_GRACE_MS);
      backendMetrics.setOutboxLag(lag);
    },
    inbox: () => inbox.sweep(config.SWEEP_GRACE_MS),
    lost: () => lost.round(now()),
    census: async () => {
      backendMetrics.setStatusCounts(await countStatuses(stores.submissions, stores.deadLetters));
    },
    // Asked once more: this ends the work of others.
    deadlines: async () => sweepDeadlines(stores.submissions, transitions, await database.askTime()),
    regrades: () => regradeWorker.turn(),
    events: () => {
      backendMetrics.setStreams(streamSlots.size);
      return hub.poll();
    },
  };
  const intervals: Partial<Record<string, number>> = {
    events: config.EVENTS_POLL_MS,
    census: statusCountsMs,
  };
  const loops = Object.entries(sweeps).map(([name, work]) => {
    const intervalMs = intervals[name] ?? config.SWEEP_INTERVAL_MS;
    const turn = async (): Promise<void> => {
      if (database.ready) await work();
    };
    return startLoop({ name, intervalMs, log, health }, turn);
  });
  lifecycle.onStop('loops', () => Promise.all(loops.map((stop) => stop())), { leaveAfterMs });

  const requireDatabase: RequestHandler = (_req, _res, next) => {
    database.assertReady();
    next();
  };
  const app = buildApp({
    config,
    log,
    health,
    metrics,
    identity,
    guard: createBackendGuard({
      config,
      stores,
      redis,
      tokens,
      authenticate: identity.authenticate,
      requireDatabase,
    }),
    tracer,
    assignments,
    assignmentModel: stores.assignments,
    audit: requestAudit(audit, backendAudit, signIns),
    auditModel: stores.audit,
    inbox,
    requireDatabase,
    translators: [databaseProblems],
    intake: new Intake({
      submissions: stores.submissions,
      assignments,
      users,
      lifetime,
      keys: new IdempotencyKeys(stores.keys),
      maxCodeBytes: config.MAX_CODE_BYTES,
      waiting: new WaitingLimits(stores.submissions, waitingLimits(config)),
      onStored: enqueue,
    }),
    submissions: new Submissions(
      stores.submissions,
      regrading,
      transitions,
      new QueuePlaces(redis, config.QUEUE_SUBMISSIONS),
      new WhyWaiting(redis, queueHold, llm),
      enqueue,
    ),
    submissionModel: stores.submissions,
    streams: new SubmissionStreams(stores.submissions, hub, log),
    streamSlots,
    attempts: new Attempts(stores.submissions, transitions, tokens, records, queueHold, budget, lifetime),
    stats: new Stats(stores.stats, stores.submissions, assignments),
    regrades: new Regrades(stores.regrades, stores.regradeItems, assignments, now),
    deadLetters,
    llm,
    runnerCalls: new RunnerCalls(stores.submissions, transitions),
  });
  lifecycle.onStop('audit', () => audit.flush(), { leaveAfterMs });
  const server = await listen(app, config.HOST, config.PORT, {
    limits: serverLimits(config),
    isProxy: isProxyOf(app),
  });
  lifecycle.onStop('http', async () => {
    health.startDraining();
    hub.close();
    await server.close(closeGraceMs);
  });
  log.info({ host: config.HOST, port: server.port }, 'listening');
  return { port: server.port };
}
