import type { Pod } from '../../kubelet/pod.js';
import { isReady } from '../../kubelet/pod.js';
import { withoutZeros } from '../deployment/types.js';
import type { StatefulSet, StatefulSetStatus } from './types.js';
import { REVISION_LABEL } from './types.js';

/** The set's status, from its pods. When all pods are of the new revision it becomes the current one. */
export function statefulSetStatus(
  set: StatefulSet,
  pods: readonly Pod[],
  available: (pod: Pod) => boolean,
  revisions: { current: string; update: string },
): StatefulSetStatus {
  const wanted = set.spec.replicas ?? 1;
  const ready = pods.filter(isReady).length;
  const of = (revision: string): number =>
    pods.filter(
      ({ metadata }) =>
        metadata.deletionTimestamp === undefined && metadata.labels?.[REVISION_LABEL] === revision,
    ).length;
  const updated = of(revisions.update);
  const complete =
    set.spec.updateStrategy?.type !== 'OnDelete' &&
    updated === wanted &&
    pods.length === wanted &&
    ready === wanted;
  const current = complete ? revisions.update : revisions.current;
  return {
    observedGeneration: set.metadata.generation ?? 1,
    replicas: pods.length,
    ...withoutZeros({
      readyReplicas: ready,
      currentReplicas: of(current),
      updatedReplicas: updated,
    }),
    currentRevision: current,
    updateRevision: revisions.update,
    collisionCount: 0,
    availableReplicas: pods.filter(available).length,
  };
}
