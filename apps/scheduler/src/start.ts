import type { Cluster } from '@cloudemy/k8s';
import { Health, type Lifecycle, type Logger, Metrics } from '@cloudemy/service';
import { type Tracer, silentTracer } from '@cloudemy/tracing';
import { Queue } from 'bullmq';
import { createInternalClient } from './backend/internal-client.js';
import { Reports } from './backend/reports.js';
import { States } from './backend/states.js';
import { CancelledAttempts } from './cancel/cancelled-attempts.js';
import { listenForCancellations } from './cancel/listen-for-cancellations.js';
import { Claims } from './claim/claims.js';
import type { Config } from './config.js';
import { DeadLetters } from './dead-letters/dead-letters.js';
import { addDependencies, awaitStart } from './health.js';
import { serveHealth } from './http.js';
import { AimdLimit } from './concurrency/aimd-limit.js';
import { JobStore } from './jobs/job-store.js';
import { countByState } from './jobs/runner-jobs.js';
import { ConcurrencyLimiter } from './concurrency/concurrency-limiter.js';
import { untilDryRunSucceeds } from './admit/dry-run.js';
import { createElection } from './leader.js';
import { SchedulerMetrics } from './metrics.js';
import { createGates } from './admit/breakers.js';
import { assertPermissions, warnWithoutSecret } from './preflight.js';
import { createReconciler } from './reconcile/create-reconciler.js';
import { Loop } from './reconcile/loop.js';
import { connectRedis } from './redis.js';
import { JobWatch } from './watch/job-watch.js';
import { createWorker } from './pipeline.js';
import { queueDepth } from './receive/queue-depth.js';
import { WorkerWatchdog } from './receive/worker-watchdog.js';

const admitEveryMs = 1_000;

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

/**
 * Starts a scheduler. Health and metrics are served at once; messages are taken when the cluster has answered
 * and everything in it is known.
 *
 * @returns the port of health and metrics
 * @throws ConfigError when the cluster does not let the scheduler do its work
 * @throws ListenError when the port cannot be had
 */
export async function startScheduler({
  config,
  cluster,
  log,
  lifecycle,
  tracer = silentTracer,
}: SchedulerContext): Promise<number> {
  const { api } = cluster;
  const namespace = config.K8S_NAMESPACE;
  lifecycle.onStop('cluster', () => cluster.close());
  const redis = connectRedis(config.REDIS_URL, log);
  lifecycle.onStop('redis', () => redis.disconnect());

  const backend = createInternalClient(config.BACKEND_INTERNAL_URL, config.INTERNAL_SERVICE_TOKEN);
  const states = new States(backend);
  const reports = new Reports(backend);
  const deadLetters = new DeadLetters(backend);
  const gates = createGates(log);
  const jobs = new JobStore(api, config);
  const cancelled = new CancelledAttempts();

  const common = new Metrics('scheduler');
  const metrics = new SchedulerMetrics(common.registry);
  const health = new Health();
  addDependencies(health, { redis, api, backend });
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
  log.info({ port: http.port, cluster: new URL(cluster.server).host, namespace }, 'scheduler listens');

  const stopping = new AbortController();
  lifecycle.onStop('start', () => stopping.abort(new Error('stopped before it had started')));
  await assertPermissions(api, namespace, log, stopping.signal);
  await warnWithoutSecret(api, namespace, config.LLM_SECRET_NAME, log);
  await untilDryRunSucceeds(api, config, log, { onRefused: start.heldBackBy, signal: stopping.signal });

  const election = createElection(api, config, log, () => reconcile.soon());
  const isLeader = (): boolean => election.isLeader;
  const adaptive = new AimdLimit({ max: config.MAX_JOBS_IN_FLIGHT, inFlight: () => room.inFlight });
  const room = new ConcurrencyLimiter(() => adaptive.current);
  const watching = new JobWatch({ api, config, jobs, room, states, reports, metrics, log, isLeader });
  lifecycle.onStop('watch', () => watching.stop(), { leaveAfterMs });
  await watching.informers.jobsSynced;

  const claims = new Claims({
    client: backend,
    onCall: (seconds) => metrics.claimSeconds.observe(seconds),
    onPressure: ({ rate_limited_recent }) => adaptive.observe(rate_limited_recent),
  });
  const shared = { config, reports, jobs, metrics, log, deadLetters };
  const worker = createWorker({ ...shared, tracer, redis, claims, gates, room, cancelled });
  const reconciler = createReconciler({ ...shared, backend, queue, watching, states });
  const silenceMs = config.RESYNC_INTERVAL_MS * 3 + 60_000;
  const reconcileTurned = health.addLoop('reconcile', silenceMs);
  const pulse = new WorkerWatchdog({
    worker,
    waiting: async () => {
      const { waiting = 0, prioritized = 0 } = await queueDepth(queue);
      return waiting + prioritized;
    },
    turned: health.addLoop('worker', silenceMs),
  });
  const reconcile = new Loop({
    everyMs: config.RESYNC_INTERVAL_MS,
    run: async () => {
      if (!isLeader()) return;
      const stop = metrics.reconcileSeconds.startTimer();
      await reconciler.pass().finally(stop);
    },
    onError: (error) => {
      metrics.reconcileFailures.inc();
      log.warn({ err: error }, 'could not reconcile everything, trying again');
    },
    onTurn: () => {
      reconcileTurned();
      void pulse.look();
    },
  });
  const hints = listenForCancellations({
    jobs,
    states,
    metrics,
    log,
    cancelled,
    informers: watching.informers,
    redisUrl: config.REDIS_URL,
    onConnected: () => reconcile.soon(),
  });
  metrics.watch({
    jobsInFlight: () => room.inFlight,
    waitingForRoom: () => room.waiting,
    isLeader,
    limit: () => adaptive.current,
    jobsByState: () => countByState(watching.informers.all()),
    queueDepth: () => queueDepth(queue),
  });

  reconcile.start();
  lifecycle.onStop('reconcile', () => reconcile.stop(), { leaveAfterMs });
  // Whoever leads judges, and must see everything; stopping before is no fault.
  watching.watchAll().then(
    () => election.start(),
    () => {},
  );
  lifecycle.onStop('election', () => election.stop(), { leaveAfterMs });
  hints.start();
  lifecycle.onStop('hints', () => hints.stop());
  room.onChange(() => worker.limit(room.makeable));
  // The limit rises by itself, and places that were never used run out: nothing else would notice.
  const admission = setInterval(() => room.admit(), admitEveryMs);
  lifecycle.onStop('admission', () => clearInterval(admission));
  worker.start();
  const stopWorker = async (): Promise<void> => {
    health.startDraining();
    await worker.stop();
  };
  lifecycle.onStop('worker', stopWorker, { leaveAfterMs: handBackMs });
  start.begun();
  log.info('scheduler takes submissions');
  return http.port;
}
