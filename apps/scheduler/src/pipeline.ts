import type { QueuePayload } from '@cloudemy/contracts';
import type { Logger } from '@cloudemy/service';
import { type Tracer, inSpan } from '@cloudemy/tracing';
import type { Redis } from 'ioredis';
import type { Reports } from './backend/reports.js';
import type { CancelledAttempts } from './cancel/cancelled-attempts.js';
import type { Claims } from './claim/claims.js';
import type { Config } from './config.js';
import type { DeadLetters } from './dead-letters/dead-letters.js';
import { VirtualTime } from './receive/virtual-time.js';
import type { JobStore } from './jobs/job-store.js';
import type { ConcurrencyLimiter } from './concurrency/concurrency-limiter.js';
import type { SchedulerMetrics } from './metrics.js';
import type { Gates } from './admit/breakers.js';
import { SubmissionWorker } from './receive/submission-worker.js';
import { type Taken, takeSubmission } from './create/take-submission.js';

export interface WorkerDependencies {
  config: Config;
  redis: Redis;
  claims: Claims;
  reports: Reports;
  deadLetters: DeadLetters;
  gates: Gates;
  jobs: JobStore;
  room: ConcurrencyLimiter;
  cancelled: CancelledAttempts;
  metrics: SchedulerMetrics;
  log: Logger;
  tracer: Tracer;
}

/** The worker with the stages of taking a submission. Not started yet. */
export function createWorker(deps: WorkerDependencies): SubmissionWorker {
  const { config, redis, metrics, log, jobs, gates, deadLetters, tracer } = deps;
  const virtualTime = new VirtualTime(redis);
  const stages = {
    ...deps,
    ...gates,
    createJob: jobs.create.bind(jobs),
    removeJob: jobs.remove.bind(jobs),
    quotaGraceMs: config.QUOTA_GRACE_MS,
  };
  return new SubmissionWorker({
    redis,
    queue: config.QUEUE_SUBMISSIONS,
    concurrency: config.WORKER_CONCURRENCY,
    take: (message, signal) => {
      const { submission_id, attempt, traceparent: parent } = message;
      const attributes = { 'cloudemy.submission_id': submission_id, 'cloudemy.attempt': attempt };
      return inSpan(tracer, 'take submission', { parent, kind: 'consumer', attributes }, async (span) => {
        const taken = await takeSubmission(stages, { ...message, traceparent: span.traceparent }, signal);
        span.set({ 'cloudemy.outcome': taken.kind });
        return taken;
      });
    },
    onTaken: (message, taken) => record(metrics, log, message, taken),
    onAgain: () => metrics.retries.inc(),
    onFetched: (priority) => virtualTime.raise(priority),
    setAside: async (message, why, signal) => {
      await gates.toBackend.through(() => deadLetters.report(message, why), signal);
      metrics.messages.inc({ outcome: 'set_aside' });
      log.error({ queue_job: message.id, why }, 'a message cannot be worked on: it is a dead letter now');
    },
    log,
  });
}

function record(metrics: SchedulerMetrics, log: Logger, message: QueuePayload, taken: Taken): void {
  metrics.messages.inc({ outcome: taken.kind });
  switch (taken.kind) {
    case 'created': {
      const ms = Date.now() - Date.parse(message.enqueued_at);
      metrics.toJobSeconds.observe(Math.max(0, ms) / 1000);
      log.info({ since_enqueued_ms: ms }, 'Job created');
      return;
    }
    case 'failed':
      metrics.failures.inc({ code: taken.failure.code });
      log.warn({ failure: taken.failure.code, why: taken.failure.message }, 'attempt failed');
      return;
    case 'found':
      log.info('the Job was there already');
      return;
    default:
      log.info({ why: taken.why }, 'no Job is wanted');
  }
}
