import type { Hold } from '@cloudemy/contracts';
import type { Cluster } from '@cloudemy/k8s';
import { connectQueue } from '@cloudemy/redis';
import { Health, type Lifecycle, type Logger, Metrics } from '@cloudemy/service';
import { type Tracer, silentTracer } from '@cloudemy/tracing';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { Admission } from './admit/admission.js';
import { Announcer } from './admit/announcer.js';
import { type Breakers, createBreakers } from './admit/breakers.js';
import { untilDryRunSucceeds } from './admit/dry-run.js';
import { QueueHoldState } from './admit/queue-hold.js';
import { type InternalClient, createInternalClient } from './backend/internal-client.js';
import { Reports } from './backend/reports.js';
import { States } from './backend/states.js';
import { CancelledAttempts } from './cancel/cancelled-attempts.js';
import { listenForCancellations } from './cancel/listen-for-cancellations.js';
import { Claims } from './claim/claims.js';
import { AimdLimit } from './concurrency/aimd-limit.js';
import { ConcurrencyLimiter } from './concurrency/concurrency-limiter.js';
import type { Config } from './config.js';
import { DeadLetters } from './dead-letters/dead-letters.js';
import { type Start, addDependencies, awaitStart } from './health.js';
import { serveHealth } from './http.js';
import { JobStore } from './jobs/job-store.js';
import { createElection } from './leader.js';
import { SchedulerMetrics } from './metrics.js';
import { createPipeline } from './pipeline.js';
import { assertPermissions, untilRedisWorks, warnWithoutSecret } from './preflight.js';
import { queueDepth } from './receive/queue-depth.js';
import { createReconciler } from './reconcile/create-reconciler.js';
import { createReconcileLoop } from './reconcile/reconcile-loop.js';
import { JobWatch } from './watch/job-watch.js';

/**
 * Milliseconds for handing messages back, and for every other part that waits for Redis, the cluster or the backend:
 * they may be gone. Together they fit into SHUTDOWN_TIMEOUT_MS. What is left undone another replica does: messages come
 * back to the queue by themselves when their locks run out, reports and deletions are repeated, the lease expires.
 */
const handBackMs = 6_000;
const leaveAfterMs = 3_000;

export interface SchedulerContext {
  config: Config;
  cluster: Cluster;
  log: Logger;
  /** Is told how to stop each part. */
  lifecycle: Pick<Lifecycle, 'onStop'>;
  /** Nothing is traced when left out. */
  tracer?: Tracer;
}

/** What the scheduler speaks to, and what it tells of itself. */
interface Base {
  redis: Redis;
  backend: InternalClient;
  breakers: Breakers;
  queue: Queue;
  health: Health;
  start: Start;
  metrics: SchedulerMetrics;
  port: number;
}

/**
 * Starts a scheduler. Health and metrics are served at once; messages are taken when the cluster has answered
 * and everything in it is known.
 *
 * @returns the port of health and metrics
 * @throws ConfigError when the cluster does not let the scheduler do its work
 * @throws ListenError when the port cannot be had
 */
export async function startScheduler(context: SchedulerContext): Promise<number> {
  const { config, cluster, log, lifecycle } = context;
  const base = await startBase(context);
  let hold = (): Hold | undefined => base.start.hold;
  const announcer = new Announcer(base.redis, () => hold());
  announcer.start();
  lifecycle.onStop('announcer', () => announcer.stop(), { leaveAfterMs });

  const stopping = new AbortController();
  lifecycle.onStop('start', () => stopping.abort(new Error('stopped before it had started')));
  await assertPermissions(cluster.api, config, log, stopping.signal);
  await warnWithoutSecret(cluster.api, config.K8S_NAMESPACE, config.LLM_SECRET_NAME, log);
  const onRefused: Start['heldBackBy'] = (why) => {
    base.start.heldBackBy(why);
    void announcer.announce();
  };
  await untilDryRunSucceeds(cluster.api, config, log, { onRefused, signal: stopping.signal });

  await untilRedisWorks(base.redis, log, stopping.signal, (message) =>
    base.start.heldBackBy({ code: 'queue_unavailable', message }),
  );
  const admission = await startStages(context, base);
  hold = () => admission.hold;
  base.start.begun();
  log.info('scheduler takes submissions');
  return base.port;
}

async function startBase({ config, cluster, log, lifecycle }: SchedulerContext): Promise<Base> {
  const { api } = cluster;
  lifecycle.onStop('cluster', () => cluster.close());
  const redis = connectQueue(config.REDIS_URL, 'cloudemy-scheduler', log);
  lifecycle.onStop('redis', () => redis.disconnect());
  const backend = createInternalClient(config.BACKEND_INTERNAL_URL, config.INTERNAL_SERVICE_TOKEN);
  const breakers = createBreakers({ redis, backend, api, config, log });

  const common = new Metrics('scheduler');
  const health = new Health();
  addDependencies(health, { redis, api, backend, breakers });
  const start = awaitStart(health);
  const { name, prefix } = config.QUEUE_SUBMISSIONS;
  const queue = new Queue(name, { connection: redis, prefix });
  queue.on('error', (error) => {
    log.debug({ err: error }, 'the queue reports an error');
  });
  lifecycle.onStop('queue', () => queue.close(), { leaveAfterMs });
  const http = await serveHealth(config, log, health, common);
  lifecycle.onStop('http', () => http.close(1_000));
  // The address only: a path in a server's URL can hold credentials.
  const server = new URL(cluster.server).host;
  log.info({ port: http.port, cluster: server, namespace: config.K8S_NAMESPACE }, 'scheduler listens');
  const metrics = new SchedulerMetrics(common.registry);
  return { redis, backend, breakers, queue, health, start, metrics, port: http.port };
}

/** Starts what follows the cluster and the queue. */
async function startStages(context: SchedulerContext, base: Base): Promise<Admission> {
  const { config, cluster, log, lifecycle, tracer = silentTracer } = context;
  const { redis, backend, breakers, queue, health, metrics } = base;
  const { api } = cluster;
  const states = new States(backend);
  const reports = new Reports(backend);
  const deadLetters = new DeadLetters(backend);
  const jobs = new JobStore(api, config);
  const cancelled = new CancelledAttempts();

  const election = createElection(api, config, log, () => reconciling.soon());
  const isLeader = (): boolean => election.isLeader;
  const adaptive = new AimdLimit({ max: config.MAX_JOBS_IN_FLIGHT, inFlight: () => limiter.inFlight });
  const limiter = new ConcurrencyLimiter(() => adaptive.current);
  const watch = new JobWatch({ api, config, jobs, limiter, states, reports, metrics, log, isLeader });
  lifecycle.onStop('watch', () => watch.stop(), { leaveAfterMs });
  await watch.informers.jobsSynced;

  const queueHold = new QueueHoldState();
  const claims = new Claims({
    client: backend,
    onCall: (seconds) => metrics.claimSeconds.observe(seconds),
    onAnswer: ({ llm, hold }) => {
      adaptive.observe(llm.rate_limited_recent);
      queueHold.observe(hold);
    },
  });
  const admission = new Admission({ limiter, breakers, queueHold });
  const stages = { admission, limiter, breakers, claims, jobs, cancelled, watch, reports };
  const pipeline = createPipeline(stages, { config, redis, deadLetters, metrics, log, tracer });
  const { worker } = pipeline;
  const settled = { config, backend, queue, watch, jobs, states, reports, deadLetters, metrics, log };
  const reconciler = createReconciler(settled);
  const everyMs = config.RESYNC_INTERVAL_MS;
  const reconciling = createReconcileLoop({
    everyMs,
    reconciler,
    isLeader,
    worker,
    queue,
    health,
    metrics,
    log,
  });
  const { informers } = watch;
  const onConnected = (): void => reconciling.soon();
  const { REDIS_URL: redisUrl } = config;
  const hints = listenForCancellations({
    jobs,
    states,
    metrics,
    log,
    cancelled,
    informers,
    redisUrl,
    onConnected,
  });
  watchFigures(metrics, { limiter, isLeader, adaptive, watch, queue });

  reconciling.start();
  lifecycle.onStop('reconcile', () => reconciling.stop(), { leaveAfterMs });
  // Whoever leads judges, and must see everything; stopping before is no fault.
  watch.watchAll().then(
    () => election.start(),
    () => {},
  );
  lifecycle.onStop('election', () => election.stop(), { leaveAfterMs });
  hints.start();
  lifecycle.onStop('hints', () => hints.stop());
  pipeline.start();
  const stopPipeline = async (): Promise<void> => {
    health.startDraining();
    await pipeline.stop();
  };
  lifecycle.onStop('worker', stopPipeline, { leaveAfterMs: handBackMs });
  return admission;
}

interface Watched {
  limiter: ConcurrencyLimiter;
  isLeader: () => boolean;
  adaptive: AimdLimit;
  watch: JobWatch;
  queue: Queue;
}

function watchFigures(
  metrics: SchedulerMetrics,
  { limiter, isLeader, adaptive, watch, queue }: Watched,
): void {
  metrics.watch({
    jobsInFlight: () => limiter.inFlight,
    isLeader,
    limit: () => adaptive.current,
    jobsByState: () => watch.informers.countByState(),
    queueDepth: () => queueDepth(queue),
  });
}
