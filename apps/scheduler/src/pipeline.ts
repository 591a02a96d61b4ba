import type { QueuePayload } from '@cloudemy/contracts';
import type { Logger } from '@cloudemy/service';
import { type Tracer, inSpan } from '@cloudemy/tracing';
import type { Redis } from 'ioredis';
import type { Admission } from './admit/admission.js';
import type { Breakers } from './admit/breakers.js';
import type { Reports } from './backend/reports.js';
import type { CancelledAttempts } from './cancel/cancelled-attempts.js';
import type { Claims } from './claim/claims.js';
import type { ConcurrencyLimiter } from './concurrency/concurrency-limiter.js';
import type { Config } from './config.js';
import { Refusals } from './create/refusals.js';
import { type Taken, takeSubmission } from './create/take-submission.js';
import type { DeadLetters } from './dead-letters/dead-letters.js';
import type { JobStore } from './jobs/job-store.js';
import type { SchedulerMetrics } from './metrics.js';
import { SubmissionWorker } from './receive/submission-worker.js';
import { VirtualTime } from './receive/virtual-time.js';
import type { JobWatch } from './watch/job-watch.js';

/** Milliseconds between two looks at limits that change by themselves. */
const refreshMs = 1_000;

/** The stages of a submission's way through the scheduler, in order. Each is a folder. */
export interface Stages {
  /** admit/: how many messages may be in hand, by the Jobs in flight, the circuit breakers and the backend's hold. */
  admission: Admission;
  limiter: ConcurrencyLimiter;
  breakers: Breakers;
  /** claim/: the backend says which attempts want a Job, many in one call. */
  claims: Claims;
  /** create/, jobs/: one Job for each, named after the attempt, so that twice is once. */
  jobs: JobStore;
  /** cancel/: a cancellation that arrives meanwhile undoes it. */
  cancelled: CancelledAttempts;
  /** watch/: copies of Jobs, pods and Warnings; settle/: the leading replica tells the backend what happened to them. */
  watch: JobWatch;
  reports: Reports;
}

export interface PipelineContext {
  config: Config;
  redis: Redis;
  deadLetters: DeadLetters;
  metrics: SchedulerMetrics;
  log: Logger;
  tracer: Tracer;
}

export interface Pipeline {
  worker: SubmissionWorker;
  start: () => void;
  /** Hands back what is in hand. */
  stop: () => Promise<void>;
}

/** Wires receive → admit → claim → create → watch → settle. Not started yet. */
export function createPipeline(stages: Stages, context: PipelineContext): Pipeline {
  const { admission, limiter, breakers } = stages;

  // receive: BullMQ hands out a message; what is none becomes a dead letter.
  // admit, claim, create: each message goes through the three in `takeSubmission`, or goes back to the queue.
  const worker = createWorker(stages, context);

  // admit: the worker takes no more messages than the admission permits, and none while it permits none.
  const limit = (): void => worker.limit(admission.permits);
  admission.onChange(limit);

  // watch, settle: what the cluster shows of a Job frees its slot and is told to the backend (`JobWatch`).
  const refresh = setInterval(() => limiter.refresh(), refreshMs);

  return {
    worker,
    start: () => {
      limit();
      worker.start();
    },
    stop: async () => {
      clearInterval(refresh);
      for (const breaker of Object.values(breakers)) breaker.stop();
      await worker.stop();
    },
  };
}

function createWorker(stages: Stages, context: PipelineContext): SubmissionWorker {
  const { breakers, jobs } = stages;
  const { config, redis, metrics, log, deadLetters, tracer } = context;
  const virtualTime = new VirtualTime(redis);
  const deps = {
    ...stages,
    refusals: new Refusals(),
    createJob: jobs.create.bind(jobs),
    removeJob: jobs.remove.bind(jobs),
  };
  return new SubmissionWorker({
    redis,
    queue: config.QUEUE_SUBMISSIONS,
    concurrency: config.WORKER_CONCURRENCY,
    take: (message) => {
      const { submission_id, attempt, traceparent: parent } = message;
      const attributes = { 'cloudemy.submission_id': submission_id, 'cloudemy.attempt': attempt };
      return inSpan(tracer, 'take submission', { parent, kind: 'consumer', attributes }, async (span) => {
        const taken = await takeSubmission(deps, { ...message, traceparent: span.traceparent });
        span.set({ 'cloudemy.outcome': taken.kind });
        return taken;
      });
    },
    onTaken: (message, taken) => record(metrics, log, message, taken),
    onAgain: () => metrics.retries.inc(),
    onFetched: (priority) => {
      breakers.queue.succeed();
      virtualTime.raise(priority);
    },
    onError: (error) => breakers.queue.trip(error),
    setAside: async (message, why) => {
      await breakers.backend.run(() => deadLetters.report(message, why));
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
