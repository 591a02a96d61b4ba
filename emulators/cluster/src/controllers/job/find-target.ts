import { millis } from '../clock.js';
import type { PodCounts } from './pod-counts.js';
import { completionIndex, restarts } from './pod-counts.js';
import { judge } from './failure-policy.js';
import { parseIndexes } from './indexes.js';
import type { Job } from './job.js';
import { holding, isIndexed, parallelism } from './job.js';

/** What a Job is to end with: the interim condition, which its end repeats. */
export interface Target {
  type: 'SuccessCriteriaMet' | 'FailureTarget';
  reason: string;
  message: string;
}

/** How many completions there are with those not counted yet. */
export function succeededInAll(job: Job, counts: PodCounts): number {
  return isIndexed(job)
    ? completedIndexes(job, counts).size
    : (job.status?.succeeded ?? 0) + counts.succeeded.length;
}

/** The completed indexes, with those of pods not counted yet. */
export function completedIndexes(job: Job, counts: PodCounts): Set<number> {
  const completed = parseIndexes(job.status?.completedIndexes);
  for (const pod of counts.succeeded) {
    const index = completionIndex(pod);
    if (index !== undefined && index < (job.spec.completions ?? 0)) {
      completed.add(index);
    }
  }
  return completed;
}

/** When the Job's activeDeadlineSeconds run out, in milliseconds; Infinity when they never do. */
export function deadline(job: Job): number {
  const start = millis(job.status?.startTime);
  const allowed = job.spec.activeDeadlineSeconds;
  return allowed === undefined || Number.isNaN(start) ? Number.POSITIVE_INFINITY : start + allowed * 1000;
}

function failure(job: Job, counts: PodCounts, now: number): Target | undefined {
  for (const pod of counts.failed) {
    const verdict = judge(job, pod);
    if (verdict.action === 'FailJob') {
      return { type: 'FailureTarget', reason: 'PodFailurePolicy', message: verdict.message };
    }
  }
  const limit = job.spec.backoffLimit ?? 6;
  const newFailures = counts.failed.filter((pod) => judge(job, pod).action === 'Count').length;
  const failures = (job.status?.failed ?? 0) + newFailures;
  const inPlace = job.spec.template.spec.restartPolicy === 'OnFailure' ? restarts(counts.active) : 0;
  if ((newFailures > 0 && failures > limit) || (inPlace > 0 && inPlace >= limit)) {
    return {
      type: 'FailureTarget',
      reason: 'BackoffLimitExceeded',
      message: 'Job has reached the specified backoff limit',
    };
  }
  return deadline(job) <= now
    ? {
        type: 'FailureTarget',
        reason: 'DeadlineExceeded',
        message: 'Job was active longer than specified deadline',
      }
    : undefined;
}

function bySuccessPolicy(job: Job, counts: PodCounts): Target | undefined {
  const completed = completedIndexes(job, counts);
  const rules = job.spec.successPolicy?.rules ?? [];
  const met = rules.findIndex(({ succeededIndexes, succeededCount }) => {
    const wanted = succeededIndexes === undefined ? undefined : parseIndexes(succeededIndexes);
    const counted = [...completed].filter((index) => wanted?.has(index) ?? true).length;
    return counted >= (succeededCount ?? wanted?.size ?? Number.POSITIVE_INFINITY);
  });
  return met < 0
    ? undefined
    : { type: 'SuccessCriteriaMet', reason: 'SuccessPolicy', message: `Matched rules at index ${met}` };
}

function success(job: Job, counts: PodCounts): Target | undefined {
  const succeeded = succeededInAll(job, counts);
  const { completions } = job.spec;
  const complete =
    completions === undefined
      ? succeeded > 0 && counts.active.length === 0 && counts.terminating === 0
      : succeeded >= completions && (completions > 0 || counts.active.length === 0);
  const idle = completions === undefined && parallelism(job) === 0 && succeeded > 0;
  return complete || idle
    ? {
        type: 'SuccessCriteriaMet',
        reason: 'CompletionsReached',
        message: 'Reached expected number of succeeded pods',
      }
    : bySuccessPolicy(job, counts);
}

/** What the Job is to end with, once that is settled. A target once set stays. */
export function findTarget(job: Job, counts: PodCounts, now: number): Target | undefined {
  for (const type of ['FailureTarget', 'SuccessCriteriaMet'] as const) {
    const set = holding(job, type);
    if (set !== undefined) {
      return { type, reason: set.reason, message: set.message };
    }
  }
  return failure(job, counts, now) ?? success(job, counts);
}
