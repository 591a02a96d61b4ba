import type { Pod } from '../../kubelet/pod.js';
import { isReady } from '../../kubelet/pod.js';
import { ApiError } from '../../store/api-error.js';
import type { ObjectStore } from '../../store/object-store.js';
import { templateHash } from '../deployment/rollout.js';
import { withoutZeros } from '../deployment/types.js';
import type { Report } from '../owner-controller.js';
import { OwnerController } from '../owner-controller.js';
import type { PodIndex } from '../pod-index.js';
import type { Timing } from '../timing.js';
import { claimsOf, newPod, ordinalOf, podName } from './identity.js';
import { nextStep, revisionOf } from './plan.js';
import type { StatefulSet, StatefulSetStatus } from './types.js';
import { isStatefulSet } from './types.js';

const STATEFUL_SETS = 'statefulsets.apps';
const KEPT = {
  kind: 'StatefulSet',
  resource: STATEFUL_SETS,
  owned: 'pods',
  is: isStatefulSet,
  component: 'statefulset-controller',
};
const CLAIMS = 'persistentvolumeclaims';

/** Keeps the pods of each StatefulSet: numbered, each with claims of its own, one after the other. */
export class StatefulSetController extends OwnerController<StatefulSet> {
  readonly #pods: PodIndex;
  readonly #timing: Timing;

  constructor(store: ObjectStore, pods: PodIndex, timing: Timing, report: Report) {
    super(store, KEPT, report);
    this.#pods = pods;
    this.#timing = timing;
  }

  protected sync(set: StatefulSet): void {
    const { namespace, name, deletionTimestamp } = set.metadata;
    if (deletionTimestamp !== undefined) {
      return;
    }
    const revision = `${name}-${templateHash(set.spec.template)}`;
    const step = nextStep(set, this.#podsOf(set), revision);
    if (step !== undefined && 'create' in step) {
      this.#create(set, step.create, revision);
    } else if (step !== undefined) {
      this.#remove(set, step.remove);
    }
    const pods = this.#podsOf(set);
    this.store.update(STATEFUL_SETS, namespace, name, (draft) => {
      draft['status'] = statusOf(set, pods, revision);
    });
  }

  #podsOf(set: StatefulSet): Pod[] {
    return this.#pods.ownedBy(set.metadata.uid).filter((pod) => ordinalOf(set, pod) >= 0);
  }

  #create(set: StatefulSet, ordinal: number, revision: string): void {
    const subject = `Pod ${podName(set, ordinal)} in StatefulSet ${set.metadata.name}`;
    try {
      for (const claim of claimsOf(set, ordinal)) {
        const { name } = claim.metadata;
        if (this.store.get(CLAIMS, set.metadata.namespace, name) === undefined) {
          this.store.create(CLAIMS, claim);
          this.events.event(set, 'Normal', 'SuccessfulCreate', `Create Claim ${name} ${subject} success`);
        }
      }
      this.store.create('pods', newPod(set, ordinal, revision));
      this.events.event(set, 'Normal', 'SuccessfulCreate', `Create ${subject} successful`);
    } catch (error) {
      if (!(error instanceof ApiError)) {
        throw error;
      }
      const message = `Create ${subject} failed error: ${error.message}`;
      this.events.event(set, 'Warning', 'FailedCreate', message);
      this.syncAfter(set, this.#timing.createRetry);
    }
  }

  #remove(set: StatefulSet, pod: Pod): void {
    const { namespace, name, uid } = pod.metadata;
    this.store.delete('pods', namespace, name, { preconditions: { uid } });
    const message = `Delete Pod ${name} in StatefulSet ${set.metadata.name} successful`;
    this.events.event(set, 'Normal', 'SuccessfulDelete', message);
  }
}

function statusOf(set: StatefulSet, pods: readonly Pod[], revision: string): StatefulSetStatus {
  const ready = pods.filter(isReady).length;
  return {
    observedGeneration: set.metadata.generation ?? 1,
    replicas: pods.length,
    ...withoutZeros({
      readyReplicas: ready,
      updatedReplicas: pods.filter(
        (pod) => pod.metadata.deletionTimestamp === undefined && revisionOf(pod) === revision,
      ).length,
    }),
    updateRevision: revision,
    availableReplicas: ready,
  };
}
