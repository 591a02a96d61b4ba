import type { Pod } from '../../kubelet/pod.js';
import { isFinished } from '../../kubelet/pod.js';
import { ordinalOf } from './identity.js';
import type { StatefulSet } from './types.js';
import { firstOrdinal, REVISION_LABEL } from './types.js';

/** One thing to do next. */
export type Step =
  | { do: 'create'; ordinal: number }
  /** A pod that ended is made anew under its name. */
  | { do: 'replace'; pod: Pod }
  | { do: 'delete'; pod: Pod };

/** What is known of the set's pods. */
export interface Situation {
  pods: readonly Pod[];
  /** Ready, and for as long as the set wants. */
  available: (pod: Pod) => boolean;
  updateRevision: string;
}

const terminating = (pod: Pod): boolean => pod.metadata.deletionTimestamp !== undefined;

/** Pods by number within the wanted range; those beyond it, the last first. */
function sorted(set: StatefulSet, pods: readonly Pod[]) {
  const first = firstOrdinal(set);
  const wanted = set.spec.replicas ?? 1;
  const byOrdinal = new Map(pods.map((pod) => [ordinalOf(set, pod), pod]));
  const slots = Array.from({ length: wanted }, (_, index) => ({
    ordinal: first + index,
    pod: byOrdinal.get(first + index),
  }));
  const condemned = [...byOrdinal]
    .filter(([ordinal]) => ordinal >= 0 && (ordinal < first || ordinal >= first + wanted))
    .sort(([left], [right]) => right - left)
    .map(([, pod]) => pod);
  return { slots, condemned };
}

/**
 * What to do next to bring the pods to what the set wants. In order (`OrderedReady`) one thing is done at a time, and
 * each pod waits for those before it; in parallel everything but an update is done at once.
 */
export function nextSteps(set: StatefulSet, { pods, available, updateRevision }: Situation): Step[] {
  const ordered = set.spec.podManagementPolicy !== 'Parallel';
  const { slots, condemned } = sorted(set, pods);
  const steps: Step[] = [];
  for (const { ordinal, pod } of slots) {
    if (pod === undefined) {
      steps.push({ do: 'create', ordinal });
    } else if (isFinished(pod) && !terminating(pod)) {
      steps.push({ do: 'replace', pod });
    } else if (available(pod) && !terminating(pod)) {
      continue;
    }
    if (ordered) {
      return steps;
    }
  }
  for (const pod of condemned) {
    if (!terminating(pod)) {
      steps.push({ do: 'delete', pod });
    }
    if (ordered) {
      return steps;
    }
  }
  return steps.length > 0 ? steps : nextUpdate(set, slots, available, updateRevision);
}

/** The last pod of an older revision gives way, once all after it are up again. */
function nextUpdate(
  set: StatefulSet,
  slots: readonly { ordinal: number; pod: Pod | undefined }[],
  available: (pod: Pod) => boolean,
  updateRevision: string,
): Step[] {
  if (set.spec.updateStrategy?.type === 'OnDelete') {
    return [];
  }
  const from = firstOrdinal(set) + partitionOf(set);
  for (const { ordinal, pod } of slots.toReversed()) {
    if (ordinal < from || pod === undefined || terminating(pod)) {
      return [];
    }
    if (pod.metadata.labels?.[REVISION_LABEL] !== updateRevision) {
      return [{ do: 'delete', pod }];
    }
    if (!available(pod)) {
      return [];
    }
  }
  return [];
}

/** How many of the first pods keep their revision in a rolling update. */
export function partitionOf(set: StatefulSet): number {
  return set.spec.updateStrategy?.type === 'OnDelete'
    ? 0
    : (set.spec.updateStrategy?.rollingUpdate?.partition ?? 0);
}
