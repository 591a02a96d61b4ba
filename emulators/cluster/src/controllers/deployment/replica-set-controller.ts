import { cloneJson } from '../../json.js';
import type { Pod } from '../../kubelet/pod.js';
import { isFinished, isReady } from '../../kubelet/pod.js';
import { ApiError } from '../../store/api-error.js';
import type { ObjectStore } from '../../store/object-store.js';
import { seconds } from '../clock.js';
import type { Report } from '../owner-controller.js';
import { OwnerController } from '../owner-controller.js';
import { controllerReference } from '../ownership.js';
import type { PodIndex } from '../pod-index.js';
import type { Timing } from '../timing.js';
import type { ReplicaSet, ReplicaSetStatus } from './types.js';
import { isReplicaSet, withoutZeros } from './types.js';

const REPLICA_SETS = 'replicasets.apps';
const KEPT = {
  kind: 'ReplicaSet',
  resource: REPLICA_SETS,
  owned: 'pods',
  is: isReplicaSet,
  component: 'replicaset-controller',
};

/** Keeps the number of pods of each ReplicaSet at what is wanted. */
export class ReplicaSetController extends OwnerController<ReplicaSet> {
  readonly #pods: PodIndex;
  readonly #timing: Timing;
  readonly #refusals = new Map<string, number>();

  constructor(store: ObjectStore, pods: PodIndex, timing: Timing, report: Report) {
    super(store, KEPT, report);
    this.#pods = pods;
    this.#timing = timing;
  }

  protected sync(set: ReplicaSet): void {
    const pods = this.#pods.ownedBy(set.metadata.uid).filter((pod) => !isFinished(pod));
    const alive = pods.filter((pod) => pod.metadata.deletionTimestamp === undefined);
    const failure = set.metadata.deletionTimestamp === undefined ? this.#scale(set, alive) : undefined;
    this.#writeStatus(set, alive, pods.length - alive.length, failure);
  }

  /** Creates what is missing or deletes what is too much; tells what stood in the way. */
  #scale(set: ReplicaSet, alive: readonly Pod[]): string | undefined {
    const missing = (set.spec.replicas ?? 1) - alive.length;
    for (const pod of [...alive].sort(leastNeeded).slice(0, Math.max(0, -missing))) {
      const { namespace, name, uid } = pod.metadata;
      this.store.delete('pods', namespace, name, { preconditions: { uid } });
      this.events.event(set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`);
    }
    for (let made = 0; made < missing; made += 1) {
      try {
        const pod = this.store.create('pods', newPod(set));
        this.events.event(set, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`);
      } catch (error) {
        if (!(error instanceof ApiError)) {
          throw error;
        }
        return this.#refused(set, error);
      }
    }
    this.#refusals.delete(set.metadata.uid);
    return undefined;
  }

  #refused(set: ReplicaSet, error: ApiError): string {
    const before = this.#refusals.get(set.metadata.uid) ?? 0;
    this.#refusals.set(set.metadata.uid, before + 1);
    this.events.event(set, 'Warning', 'FailedCreate', `Error creating: ${error.message}`);
    const pause = Math.min(this.#timing.createRetry * 2 ** before, this.#timing.createRetryMax);
    this.syncAfter(set, pause);
    return error.message;
  }

  #writeStatus(
    set: ReplicaSet,
    alive: readonly Pod[],
    terminating: number,
    failure: string | undefined,
  ): void {
    const ready = alive.filter(isReady).length;
    const status: ReplicaSetStatus = {
      replicas: alive.length,
      ...withoutZeros({
        fullyLabeledReplicas: alive.length,
        readyReplicas: ready,
        availableReplicas: ready,
      }),
      terminatingReplicas: terminating,
      observedGeneration: set.metadata.generation ?? 1,
    };
    this.store.update(REPLICA_SETS, set.metadata.namespace, set.metadata.name, (draft) => {
      if (isReplicaSet(draft)) {
        const known = draft.status?.conditions;
        const condition = {
          type: 'ReplicaFailure',
          status: 'True',
          lastTransitionTime: seconds(),
          reason: 'FailedCreate',
          message: failure,
        };
        draft.status = {
          ...status,
          ...(failure === undefined ? {} : { conditions: known ?? [condition] }),
        };
      }
    });
  }
}

/** Unscheduled pods are needed least, then those not ready, then the youngest. */
function leastNeeded(left: Pod, right: Pod): number {
  const worth = (pod: Pod): number => (pod.spec.nodeName === undefined ? 0 : isReady(pod) ? 2 : 1);
  return (
    worth(left) - worth(right) ||
    right.metadata.creationTimestamp.localeCompare(left.metadata.creationTimestamp)
  );
}

function newPod(set: ReplicaSet) {
  const { metadata, spec } = cloneJson(set.spec.template);
  return {
    metadata: {
      generateName: `${set.metadata.name}-`,
      namespace: set.metadata.namespace,
      ...(metadata?.labels === undefined ? {} : { labels: metadata.labels }),
      ...(metadata?.annotations === undefined ? {} : { annotations: metadata.annotations }),
      ownerReferences: [controllerReference(set)],
    },
    spec,
  };
}
