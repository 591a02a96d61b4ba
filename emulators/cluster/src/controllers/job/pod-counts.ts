import type { Pod } from '../../kubelet/pod.js';
import { isFinished, isReady } from '../../kubelet/pod.js';
import { millis } from '../clock.js';
import type { Job } from './job.js';
import { INDEX_KEY, TRACKING_FINALIZER } from './job.js';

/** The pods of a Job, sorted by what they mean to it. */
export interface PodCounts {
  /** Neither finished nor being deleted. */
  active: Pod[];
  ready: number;
  /** Being deleted and not finished. */
  terminating: number;
  /** Succeeded, and not counted in the status yet. */
  succeeded: Pod[];
  /** Failed, and not counted in the status yet. */
  failed: Pod[];
}

function tracked(pod: Pod): boolean {
  return pod.metadata.finalizers?.includes(TRACKING_FINALIZER) ?? false;
}

/** A pod that is being deleted has failed already, unless the Job waits for its end to replace it. */
function hasFailed(job: Job, pod: Pod): boolean {
  const early = job.spec.podReplacementPolicy !== 'Failed' && job.spec.podFailurePolicy === undefined;
  return (
    pod.status?.phase === 'Failed' ||
    (early && pod.metadata.deletionTimestamp !== undefined && pod.status?.phase !== 'Succeeded')
  );
}

export function countPods(job: Job, pods: readonly Pod[]): PodCounts {
  const active = pods.filter((pod) => !isFinished(pod) && pod.metadata.deletionTimestamp === undefined);
  return {
    active,
    ready: active.filter(isReady).length,
    terminating: pods.filter((pod) => !isFinished(pod) && pod.metadata.deletionTimestamp !== undefined)
      .length,
    succeeded: pods.filter((pod) => tracked(pod) && pod.status?.phase === 'Succeeded'),
    failed: pods.filter((pod) => tracked(pod) && hasFailed(job, pod)),
  };
}

/** The pod's completion index, or undefined when it has none. */
export function completionIndex(pod: Pod): number | undefined {
  const text = pod.metadata.annotations?.[INDEX_KEY] ?? pod.metadata.labels?.[INDEX_KEY];
  return text === undefined ? undefined : Number(text);
}

/** When the pod's last container ended, in milliseconds; now if that is not known. */
export function finishTime(pod: Pod): number {
  const times = (pod.status?.containerStatuses ?? [])
    .map((status) => millis(status.state.terminated?.finishedAt))
    .filter((time) => Number.isFinite(time) && time > 0);
  return times.length === 0 ? Date.now() : Math.max(...times);
}

/** Restarts of all containers of the pods that are still at it: the failures of restartPolicy OnFailure. */
export function restarts(pods: readonly Pod[]): number {
  let sum = 0;
  for (const { status } of pods) {
    for (const container of [
      ...(status?.initContainerStatuses ?? []),
      ...(status?.containerStatuses ?? []),
    ]) {
      sum += container.restartCount;
    }
  }
  return sum;
}
