import { type Job, type JobOutcome, type KubeApi, type Pod, describeJob, readJobEvents } from '@cloudemy/k8s';

/**
 * What has become of a Job. Why a pod could not be made, or why it does not start, is told by events alone: they
 * are asked for when the rest does not say that all is well.
 *
 * @throws KubeApiError, KubeConnectionError
 */
export async function outcomeOf(
  api: KubeApi,
  job: Job,
  pods: readonly Pod[],
  signal: AbortSignal,
): Promise<JobOutcome> {
  const outcome = describeJob(job, pods);
  const isWell = !outcome.troubled && outcome.phase !== 'pending';
  return isWell ? outcome : describeJob(job, pods, await readJobEvents(api, job, pods, { signal }));
}
