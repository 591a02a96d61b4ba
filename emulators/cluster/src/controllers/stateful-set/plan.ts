import type { Pod } from '../../kubelet/pod.js';
import { isFinished, isReady } from '../../kubelet/pod.js';
import { ordinalOf } from './identity.js';
import type { StatefulSet } from './types.js';
import { REVISION_LABEL } from './types.js';

/** One thing to do next. */
export type Step = { create: number } | { remove: Pod };

/**
 * What to do next to bring the pods to what the set wants, one thing at a time: each pod waits for those before it,
 * those too many go from the last, and so do those of a former template. Undefined when there is nothing to do but wait.
 */
export function nextStep(set: StatefulSet, pods: readonly Pod[], revision: string): Step | undefined {
  const wanted = set.spec.replicas ?? 1;
  const sorted = pods.toSorted((left, right) => ordinalOf(set, left) - ordinalOf(set, right));
  for (let ordinal = 0; ordinal < wanted; ordinal += 1) {
    const pod = sorted[ordinal];
    if (pod === undefined || ordinalOf(set, pod) !== ordinal) {
      return { create: ordinal };
    }
    if (isLeaving(pod)) {
      return undefined;
    }
    if (isFinished(pod)) {
      return { remove: pod };
    }
    if (!isReady(pod)) {
      return undefined;
    }
  }
  const surplus = sorted.length > wanted;
  const last = surplus ? sorted.at(-1) : sorted.findLast((pod) => revisionOf(pod) !== revision);
  return last === undefined || isLeaving(last) ? undefined : { remove: last };
}

/** The template that a pod was made from. */
export function revisionOf({ metadata }: Pod): string | undefined {
  return metadata.labels?.[REVISION_LABEL];
}

function isLeaving({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined;
}
