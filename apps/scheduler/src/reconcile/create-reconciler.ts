import { withTimeout } from '@cloudemy/async';
import type { Logger } from '@cloudemy/service';
import type { Queue } from 'bullmq';
import { activeAttempts } from '../backend/active-attempts.js';
import type { InternalClient } from '../backend/internal-client.js';
import type { Reports } from '../backend/reports.js';
import type { States } from '../backend/states.js';
import type { Config } from '../config.js';
import { clearFailed } from '../dead-letters/clear-failed.js';
import type { DeadLetters } from '../dead-letters/dead-letters.js';
import type { JobStore } from '../jobs/job-store.js';
import { attemptOf } from '../jobs/runner-jobs.js';
import type { SchedulerMetrics } from '../metrics.js';
import type { JobWatch } from '../watch/job-watch.js';
import { MissingJobs } from './missing-jobs.js';
import { Reconciler } from './reconciler.js';
import { UnwantedJobs } from './unwanted-jobs.js';

export interface ReconcilerParts {
  config: Config;
  backend: InternalClient;
  queue: Queue;
  watch: JobWatch;
  jobs: JobStore;
  states: States;
  reports: Reports;
  deadLetters: DeadLetters;
  metrics: SchedulerMetrics;
  log: Logger;
}

/** Milliseconds for one question to the queue: its client would wait without end for a Redis that is away. */
const queueMs = 5_000;

const inTime = <T>(answer: Promise<T>): Promise<T> => withTimeout(queueMs, 'the queue', answer);

/** All that is held against one another: cluster, backend and queue. */
export function createReconciler(parts: ReconcilerParts): Reconciler {
  const { watch, deadLetters, queue, metrics, log } = parts;
  const unwanted = unwantedJobs(parts);
  const missing = missingJobs(parts);
  return new Reconciler([
    { name: 'Jobs against submissions', apply: () => unwanted.pass() },
    { name: 'submissions against Jobs', apply: () => missing.pass() },
    {
      name: 'deleted Jobs',
      apply: async () => {
        for (const name of watch.controller.deleted) watch.lookAt(name);
      },
    },
    {
      name: 'messages given up',
      apply: async () => {
        const letters = await clearFailed(queue, deadLetters, inTime);
        if (letters === 0) return;
        metrics.messages.inc({ outcome: 'set_aside' }, letters);
        log.error({ letters }, 'the queue gave messages up: they are dead letters now');
      },
    },
  ]);
}

function unwantedJobs({ config, watch, states, jobs, metrics, log }: ReconcilerParts): UnwantedJobs {
  return new UnwantedJobs({
    allJobs: () => watch.informers.all(),
    states,
    removeJob: (job) => jobs.remove(job),
    onWanted: (job, state) => {
      watch.controller.adopt(job, state);
      watch.lookAt(job.metadata.name ?? '');
    },
    onRemoved: (job, why) => {
      metrics.removed.inc({ why });
      if (why === 'recorded') return;
      log.info({ ...attemptOf(job), job: job.metadata.name, why }, 'removed a Job nobody waits for');
    },
    keepFinished: config.MAX_FINISHED_JOBS,
  });
}

function missingJobs(parts: ReconcilerParts): MissingJobs {
  const { config, backend, queue, watch, jobs, reports, metrics, log } = parts;
  return new MissingJobs({
    activeAttempts: () => activeAttempts(backend),
    isKnown: (name) => watch.informers.job(name) !== undefined,
    isQueued: async (queueJob) => (await inTime(queue.getJobState(queueJob))) !== 'unknown',
    exists: (name) => jobs.exists(name),
    fail: async ({ submission_id, attempt }, why) => {
      const report = { kind: 'failed' as const, submission_id, attempt, failure: why };
      if ((await reports.send(report)) !== 'applied') return;
      metrics.failures.inc({ code: why.code });
      log.warn({ submission_id, attempt, failure: why.code }, 'an attempt had no Job and no message: failed');
    },
    graceMs: config.MISSING_JOB_GRACE_MS,
  });
}
