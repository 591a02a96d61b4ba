import type { Pod } from '../../kubelet/pod.js';
import { isReady } from '../../kubelet/pod.js';
import { ApiError } from '../../store/api-error.js';
import type { ObjectStore, StoreEvent } from '../../store/object-store.js';
import { templateHash } from '../deployment/rollout.js';
import { keyOf, withoutZeros } from '../deployment/types.js';
import { EventRecorder } from '../event-recorder.js';
import { controllerOf } from '../ownership.js';
import type { PodIndex } from '../pod-index.js';
import type { Timing } from '../timing.js';
import { WorkQueue } from '../work-queue.js';
import { claimsOf, newPod, ordinalOf, podName } from './identity.js';
import { nextStep, revisionOf } from './plan.js';
import type { StatefulSet, StatefulSetStatus } from './types.js';
import { isStatefulSet } from './types.js';

const STATEFUL_SETS = 'statefulsets.apps';
const CLAIMS = 'persistentvolumeclaims';

/** Keeps the pods of each StatefulSet: numbered, each with claims of its own, one after the other. */
export class StatefulSetController {
  readonly #store: ObjectStore;
  readonly #pods: PodIndex;
  readonly #timing: Timing;
  readonly #events: EventRecorder;
  readonly #queue: WorkQueue;

  constructor(
    store: ObjectStore,
    pods: PodIndex,
    timing: Timing,
    report: (key: string, error: unknown) => void,
  ) {
    this.#store = store;
    this.#pods = pods;
    this.#timing = timing;
    this.#events = new EventRecorder(store, { component: 'statefulset-controller' });
    this.#queue = new WorkQueue((key) => this.#sync(key), report);
  }

  apply({ resource, object }: StoreEvent): void {
    if (resource === STATEFUL_SETS) {
      this.#queue.add(keyOf(object));
    } else if (resource === 'pods') {
      const owner = controllerOf(object);
      if (owner?.kind === 'StatefulSet') {
        this.#queue.add(`${object.metadata.namespace}/${owner.name}`);
      }
    }
  }

  close(): void {
    this.#queue.close();
  }

  #sync(key: string): void {
    const [namespace = '', name = ''] = key.split('/');
    const set = this.#store.get(STATEFUL_SETS, namespace, name);
    if (!isStatefulSet(set) || set.metadata.deletionTimestamp !== undefined) {
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
    this.#store.update(STATEFUL_SETS, namespace, name, (draft) => {
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
        if (this.#store.get(CLAIMS, set.metadata.namespace, name) === undefined) {
          this.#store.create(CLAIMS, claim);
          this.#events.event(set, 'Normal', 'SuccessfulCreate', `Create Claim ${name} ${subject} success`);
        }
      }
      this.#store.create('pods', newPod(set, ordinal, revision));
      this.#events.event(set, 'Normal', 'SuccessfulCreate', `Create ${subject} successful`);
    } catch (error) {
      if (!(error instanceof ApiError)) {
        throw error;
      }
      const message = `Create ${subject} failed error: ${error.message}`;
      this.#events.event(set, 'Warning', 'FailedCreate', message);
      this.#queue.addAfter(keyOf(set), this.#timing.createRetry);
    }
  }

  #remove(set: StatefulSet, pod: Pod): void {
    const { namespace, name, uid } = pod.metadata;
    this.#store.delete('pods', namespace, name, { preconditions: { uid } });
    const message = `Delete Pod ${name} in StatefulSet ${set.metadata.name} successful`;
    this.#events.event(set, 'Normal', 'SuccessfulDelete', message);
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
