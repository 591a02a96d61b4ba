import { AttemptRef, jobLabels } from '@cloudemy/contracts';
import { type Job, type KubeObject, type Pod } from '@cloudemy/k8s';

/** What marks the runner Jobs of an installation and their pods, and nobody else's. */
export const runnerLabels = (instance: string): Record<string, string> => ({
  [jobLabels.managedBy]: jobLabels.managedByValue,
  [jobLabels.component]: jobLabels.componentValue,
  [jobLabels.instance]: instance,
});

/** Finds the runner Jobs of an installation and their pods among all others. */
export const runnerSelector = (instance: string): string =>
  Object.entries(runnerLabels(instance))
    .map(([label, value]) => `${label}=${value}`)
    .join(',');

/** Whose attempt a runner Job or pod works on; undefined when its labels are not what the scheduler writes. */
export function attemptOf(object: KubeObject): AttemptRef | undefined {
  const { labels } = object.metadata;
  const outcome = AttemptRef.safeParse({
    submission_id: labels?.[jobLabels.submission],
    attempt: Number(labels?.[jobLabels.attempt]),
  });
  return outcome.data;
}

/** Whether a scheduler of this installation made this Job. */
export function isRunnerJob(job: Job, instance: string): boolean {
  return Object.entries(runnerLabels(instance)).every(
    ([label, value]) => job.metadata.labels?.[label] === value,
  );
}

/** Whether the Job controller is done with it, so that it takes no room any more. */
export function isFinished(job: Job): boolean {
  return (
    job.status?.conditions?.some(
      ({ type, status }) => status === 'True' && (type === 'Complete' || type === 'Failed'),
    ) ?? false
  );
}

/** How many Jobs have no pod that runs yet, have one, and have ended well and badly. */
export function countByState(jobs: readonly Job[]): Record<string, number> {
  const counts = { pending: 0, running: 0, succeeded: 0, failed: 0 };
  for (const job of jobs) {
    if (isFinished(job)) counts[(job.status?.succeeded ?? 0) > 0 ? 'succeeded' : 'failed'] += 1;
    else counts[(job.status?.ready ?? 0) > 0 ? 'running' : 'pending'] += 1;
  }
  return counts;
}

/** The uid of the Job a pod belongs to. */
export function jobUidOf(pod: Pod): string | undefined {
  return pod.metadata.ownerReferences?.find(({ controller, kind }) => controller === true && kind === 'Job')
    ?.uid;
}
