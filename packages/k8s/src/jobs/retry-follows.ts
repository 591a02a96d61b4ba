import type { Job, Pod } from '../objects/types.js';

/** What Kubernetes does when a Job does not say. */
const DEFAULT_BACKOFF_LIMIT = 6;

/**
 * Whether the Job controller surely makes another pod after the last one failed or was deleted. Where that depends on
 * more than the number of tries, nothing is promised.
 * https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-backoff-failure-policy
 */
export function retryFollows(job: Job, pods: readonly Pod[]): boolean {
  const { spec, status, metadata } = job;
  const { podFailurePolicy, backoffLimitPerIndex, backoffLimit = DEFAULT_BACKOFF_LIMIT } = spec;
  if (podFailurePolicy !== undefined || backoffLimitPerIndex !== undefined) return false;
  if (metadata.deletionTimestamp !== undefined) return false;
  // Restarts of a container count as tries; a pod that is gone took their number along.
  if (spec.template.spec.restartPolicy === 'OnFailure') return false;
  // The status is behind the pods: the one that has just failed is counted a second later. A pod that was deleted
  // before it ended counts as failed.
  const ended = pods.filter(
    (pod) =>
      pod.status?.phase === 'Failed' ||
      (pod.metadata.deletionTimestamp !== undefined && pod.status?.phase !== 'Succeeded'),
  ).length;
  return Math.max(ended, status?.failed ?? 0) <= backoffLimit;
}
