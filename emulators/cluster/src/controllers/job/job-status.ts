import { seconds } from '../clock.js';
import type { PodCounts } from './pod-counts.js';
import { formatIndexes } from './indexes.js';
import type { Job, JobCondition, JobStatus } from './job.js';
import { isIndexed } from './job.js';
import { judge } from './failure-policy.js';
import type { Target } from './find-target.js';
import { completedIndexes, succeededInAll } from './find-target.js';

/** A condition that begins to hold now. */
export function condition(
  type: JobCondition['type'],
  status: JobCondition['status'],
  reason: string,
  message: string,
): JobCondition {
  const now = seconds();
  return { type, status, lastProbeTime: now, lastTransitionTime: now, reason, message };
}

function put(status: JobStatus, added: JobCondition): void {
  status.conditions = [...(status.conditions ?? []).filter(({ type }) => type !== added.type), added];
}

function count(status: JobStatus, field: 'active' | 'failed' | 'succeeded', value: number): void {
  if (value === 0) {
    delete status[field];
  } else {
    status[field] = value;
  }
}

/** What suspending or resuming did, for the event that tells of it. */
export type Switch = 'Suspended' | 'Resumed' | undefined;

function switchSuspension(job: Job, status: JobStatus): Switch {
  const current = status.conditions?.find(({ type }) => type === 'Suspended');
  if (job.spec.suspend === true) {
    delete status.startTime;
    if (current?.status !== 'True') {
      put(status, condition('Suspended', 'True', 'JobSuspended', 'Job suspended'));
      return 'Suspended';
    }
    return undefined;
  }
  status.startTime ??= seconds();
  if (current?.status === 'True') {
    put(status, condition('Suspended', 'False', 'JobResumed', 'Job resumed'));
    return 'Resumed';
  }
  return undefined;
}

/**
 * First write of a sync: the pods at work, the target, and the uids of ended pods that are about to be
 * counted. Their finalizers are removed between this write and the next, so that a crash in between
 * neither loses nor doubles a count.
 */
export function writeProgress(job: Job, counts: PodCounts, target: Target | undefined): Switch {
  const status: JobStatus = (job.status ??= {});
  const switched = switchSuspension(job, status);
  count(status, 'active', counts.active.length);
  status.terminating = counts.terminating;
  status.ready = counts.ready;
  const succeeded = isIndexed(job) ? [] : counts.succeeded.map(({ metadata }) => metadata.uid);
  const failed = counts.failed
    .filter((pod) => judge(job, pod).action !== 'Ignore')
    .map(({ metadata }) => metadata.uid);
  if (isIndexed(job)) {
    const completed = completedIndexes(job, counts);
    count(status, 'succeeded', succeededInAll(job, counts));
    if (completed.size > 0) {
      status.completedIndexes = formatIndexes(completed);
    }
  }
  status.uncountedTerminatedPods = {
    ...(succeeded.length === 0 ? {} : { succeeded }),
    ...(failed.length === 0 ? {} : { failed }),
  };
  if (target !== undefined && !status.conditions?.some(({ type }) => type === target.type)) {
    put(status, condition(target.type, 'True', target.reason, target.message));
  }
  return switched;
}

/** Second write: the ended pods are counted; with `end`, so is the Job's own end. */
export function writeCounts(job: Job, end: Target | undefined): void {
  const status: JobStatus = (job.status ??= {});
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  count(status, 'succeeded', (status.succeeded ?? 0) + succeeded.length);
  count(status, 'failed', (status.failed ?? 0) + failed.length);
  status.uncountedTerminatedPods = {};
  if (end?.type === 'SuccessCriteriaMet') {
    put(status, condition('Complete', 'True', end.reason, end.message));
    status.completionTime = seconds();
  } else if (end !== undefined) {
    put(status, condition('Failed', 'True', end.reason, end.message));
  }
}
