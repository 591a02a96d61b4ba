import { cloneJson } from '../../json.js';
import type { JsonObject } from '../../json.js';
import type { KubeObject } from '../../objects.js';
import type { NewObject } from '../../store/object-store.js';
import { millis, seconds } from '../clock.js';
import type { Job, JobSpec } from '../job/job.js';
import { finishedBy } from '../job/job.js';
import { controllerReference } from '../ownership.js';

/** The parts of `batch/v1` CronJob that the controller reads and writes. */
export interface CronJob extends KubeObject {
  spec: {
    schedule: string;
    timeZone?: string;
    startingDeadlineSeconds?: number;
    concurrencyPolicy?: 'Allow' | 'Forbid' | 'Replace';
    suspend?: boolean;
    successfulJobsHistoryLimit?: number;
    failedJobsHistoryLimit?: number;
    jobTemplate: {
      metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
      spec: JobSpec;
    };
  } & JsonObject;
  status?: {
    active?: JobReference[];
    lastScheduleTime?: string;
    lastSuccessfulTime?: string;
  } & JsonObject;
}

export interface JobReference extends JsonObject {
  kind: string;
  namespace: string;
  name: string;
  uid: string;
  apiVersion: string;
  resourceVersion: string;
}

/** Tells whether an object of the store is a CronJob. */
export function isCronJob(object: KubeObject | undefined): object is CronJob {
  return object?.kind === 'CronJob';
}

/** The Job for the run that was due at this time; its name is a function of both, so that a run is made once. */
export function newRun(cronJob: CronJob, due: number): NewObject {
  const { metadata = {}, spec } = cloneJson(cronJob.spec.jobTemplate);
  const { name, namespace } = cronJob.metadata;
  return {
    metadata: {
      name: `${name}-${Math.floor(due / 60_000)}`,
      namespace,
      ...(metadata.labels === undefined ? {} : { labels: metadata.labels }),
      annotations: {
        ...metadata.annotations,
        'batch.kubernetes.io/cronjob-scheduled-timestamp': seconds(due),
      },
      ownerReferences: [controllerReference(cronJob)],
    },
    spec,
  };
}

export function jobReference(job: Job): JobReference {
  const { namespace = '', name, uid, resourceVersion } = job.metadata;
  return { kind: 'Job', namespace, name, uid, apiVersion: 'batch/v1', resourceVersion };
}

/** Finished runs that the history limits give up, oldest first. */
export function beyondHistory(cronJob: CronJob, jobs: readonly Job[]): Job[] {
  const limits = [
    ['Complete', cronJob.spec.successfulJobsHistoryLimit ?? 3],
    ['Failed', cronJob.spec.failedJobsHistoryLimit ?? 1],
  ] as const;
  return limits.flatMap(([type, limit]) => {
    const finished = jobs
      .filter((job) => finishedBy(job)?.type === type)
      .toSorted((left, right) => startOf(left) - startOf(right));
    return finished.slice(0, Math.max(0, finished.length - limit));
  });
}

function startOf(job: Job): number {
  return millis(job.status?.startTime ?? job.metadata.creationTimestamp);
}
