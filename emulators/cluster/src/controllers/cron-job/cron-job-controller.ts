import { ApiError } from '../../store/api-error.js';
import type { ObjectStore } from '../../store/object-store.js';
import { millis, seconds } from '../clock.js';
import type { Job } from '../job/job.js';
import { finishedBy, isJob } from '../job/job.js';
import type { Report } from '../owner-controller.js';
import { OwnerController } from '../owner-controller.js';
import { controllerOf } from '../ownership.js';
import type { CronJob } from './cron-job.js';
import { beyondHistory, isCronJob, jobReference, newRun } from './cron-job.js';
import { dueRuns } from './schedule.js';

const CRON_JOBS = 'cronjobs.batch';
const JOBS = 'jobs.batch';
const KEPT = {
  kind: 'CronJob',
  resource: CRON_JOBS,
  owned: JOBS,
  is: isCronJob,
  component: 'cronjob-controller',
};

/** Makes the Jobs of CronJobs when they are due, follows them, and removes old ones. */
export class CronJobController extends OwnerController<CronJob> {
  readonly #now: () => number;

  constructor(store: ObjectStore, now: () => number, report: Report) {
    super(store, KEPT, report);
    this.#now = now;
  }

  protected sync(cronJob: CronJob): void {
    if (cronJob.metadata.deletionTimestamp !== undefined) {
      return;
    }
    const runs = this.#runs(cronJob);
    this.#follow(cronJob, runs);
    for (const job of beyondHistory(cronJob, runs)) {
      this.#remove(cronJob, job);
    }
    if (cronJob.spec.suspend !== true) {
      this.#start(
        cronJob,
        runs.filter((job) => finishedBy(job) === undefined),
      );
    }
  }

  #runs({ metadata }: CronJob): Job[] {
    return this.store
      .list(JOBS, metadata.namespace === undefined ? {} : { namespace: metadata.namespace })
      .filter(isJob)
      .filter((job) => controllerOf(job)?.uid === metadata.uid);
  }

  /** Tells of runs that have ended, and keeps `status.active` true. */
  #follow(cronJob: CronJob, runs: readonly Job[]): void {
    const active = runs.filter((job) => finishedBy(job) === undefined);
    for (const { uid, name } of cronJob.status?.active ?? []) {
      const run = runs.find(({ metadata }) => metadata.uid === uid);
      const end = run && finishedBy(run);
      if (end !== undefined) {
        this.events.event(
          cronJob,
          'Normal',
          'SawCompletedJob',
          `Saw completed job: ${name}, condition: ${end.type}`,
        );
      } else if (run === undefined) {
        this.events.event(cronJob, 'Normal', 'MissingJob', `Active job went missing: ${name}`);
      }
    }
    const successes = runs.map((job) => job.status?.completionTime).filter((time) => time !== undefined);
    const latest = successes.toSorted().at(-1);
    this.#write(cronJob, (status) => {
      if (active.length === 0) {
        delete status.active;
      } else {
        status.active = active.map(jobReference);
      }
      if (latest !== undefined && latest > (status.lastSuccessfulTime ?? '')) {
        status.lastSuccessfulTime = latest;
      }
    });
  }

  #start(cronJob: CronJob, active: readonly Job[]): void {
    const { schedule, timeZone, startingDeadlineSeconds, concurrencyPolicy } = cronJob.spec;
    const now = this.#now();
    const began = millis(cronJob.status?.lastScheduleTime ?? cronJob.metadata.creationTimestamp);
    const deadline =
      startingDeadlineSeconds === undefined ? Number.POSITIVE_INFINITY : startingDeadlineSeconds * 1000;
    const { last, missed, next } = dueRuns(schedule, timeZone, {
      after: Math.max(began, now - deadline),
      now,
    });
    this.syncAfter(cronJob, next - now);
    if (last === undefined) {
      return;
    }
    if (missed > 100) {
      const words =
        'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew';
      this.events.event(cronJob, 'Warning', 'TooManyMissedTimes', words);
    }
    if (concurrencyPolicy === 'Forbid' && active.length > 0) {
      const words = 'Not starting job because prior execution is running and concurrency policy is Forbid';
      this.events.event(cronJob, 'Normal', 'JobAlreadyActive', words);
      return;
    }
    if (concurrencyPolicy === 'Replace') {
      for (const job of active) {
        this.#remove(cronJob, job);
      }
    }
    this.#create(cronJob, last);
  }

  #create(cronJob: CronJob, due: number): void {
    try {
      const { metadata } = this.store.create(JOBS, newRun(cronJob, due));
      this.events.event(cronJob, 'Normal', 'SuccessfulCreate', `Created job ${metadata.name}`);
    } catch (error) {
      if (!(error instanceof ApiError) || error.reason !== 'AlreadyExists') {
        const reason = error instanceof Error ? error.message : String(error);
        this.events.event(cronJob, 'Warning', 'FailedCreate', `Error creating job: ${reason}`);
        throw error;
      }
    }
    this.#write(cronJob, (status) => {
      status.lastScheduleTime = seconds(due);
    });
  }

  #remove(cronJob: CronJob, job: Job): void {
    const { namespace, name, uid } = job.metadata;
    this.store.delete(JOBS, namespace, name, { propagationPolicy: 'Background', preconditions: { uid } });
    this.events.event(cronJob, 'Normal', 'SuccessfulDelete', `Deleted job ${name}`);
  }

  #write({ metadata }: CronJob, change: (status: NonNullable<CronJob['status']>) => void): void {
    this.store.update(CRON_JOBS, metadata.namespace, metadata.name, (draft) => {
      if (isCronJob(draft)) {
        draft.status ??= {};
        change(draft.status);
      }
    });
  }
}
