import type { Pod } from '../../kubelet/pod.js';
import { isReady } from '../../kubelet/pod.js';
import { ApiError } from '../../store/api-error.js';
import type { ObjectStore, StoreEvent } from '../../store/object-store.js';
import { millis } from '../clock.js';
import { amount, keyOf } from '../deployment/types.js';
import { EventRecorder } from '../event-recorder.js';
import { controllerOf, controllerReference } from '../ownership.js';
import type { PodIndex } from '../pod-index.js';
import type { Timing } from '../timing.js';
import { WorkQueue } from '../work-queue.js';
import { claimName, claimsOf, newPod, ordinalOf, podName } from './identity.js';
import type { Step } from './plan.js';
import { nextSteps, partitionOf } from './plan.js';
import { Revisions } from './revisions.js';
import { statefulSetStatus } from './status.js';
import type { StatefulSet } from './types.js';
import { firstOrdinal, isStatefulSet, REVISION_LABEL } from './types.js';

const STATEFUL_SETS = 'statefulsets.apps';
const CLAIMS = 'persistentvolumeclaims';

/** Keeps the pods of each StatefulSet: numbered, each with claims of its own, one after the other. */
export class StatefulSetController {
  readonly #store: ObjectStore;
  readonly #pods: PodIndex;
  readonly #timing: Timing;
  readonly #events: EventRecorder;
  readonly #revisions: Revisions;
  readonly #queue: WorkQueue;
  readonly #refusals = new Map<string, number>();

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
    this.#revisions = new Revisions(store);
    this.#queue = new WorkQueue((key) => this.#sync(key), report);
    for (const set of store.list(STATEFUL_SETS)) {
      this.#queue.add(keyOf(set));
    }
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
    const update = this.#revisions.current(set);
    const revisions = { current: set.status?.currentRevision ?? update, update };
    const available = (pod: Pod): boolean => this.#available(set, pod);
    const pods = this.#podsOf(set);
    for (const step of nextSteps(set, { pods, available, updateRevision: update })) {
      if (!this.#take(set, step, revisions)) {
        break;
      }
    }
    const now = this.#podsOf(set);
    this.#store.update(STATEFUL_SETS, namespace, name, (draft) => {
      if (isStatefulSet(draft)) {
        draft.status = statefulSetStatus(set, now, available, revisions);
      }
    });
    const used = now.map(({ metadata }) => metadata.labels?.[REVISION_LABEL] ?? '');
    this.#revisions.forget(set, new Set([...used, revisions.current, revisions.update]));
  }

  #podsOf(set: StatefulSet): Pod[] {
    return this.#pods.ownedBy(set.metadata.uid).filter((pod) => ordinalOf(set, pod) >= 0);
  }

  /** False when it was refused: then nothing more is tried for now. */
  #take(set: StatefulSet, step: Step, revisions: { current: string; update: string }): boolean {
    if (step.do === 'create') {
      const kept = step.ordinal < firstOrdinal(set) + partitionOf(set);
      return this.#create(set, step.ordinal, kept ? revisions.current : revisions.update);
    }
    const { namespace, name, uid } = step.pod.metadata;
    const subject = `Pod ${name} in StatefulSet ${set.metadata.name}`;
    if (step.do === 'replace') {
      const message = `StatefulSet ${namespace}/${set.metadata.name} is recreating failed Pod ${name}`;
      this.#events.event(set, 'Warning', 'RecreatingFailedPod', message);
    } else if (set.spec.persistentVolumeClaimRetentionPolicy?.whenScaled === 'Delete') {
      this.#leaveClaimsTo(set, step.pod);
    }
    this.#store.delete('pods', namespace, name, { preconditions: { uid } });
    this.#events.event(set, 'Normal', 'SuccessfulDelete', `Delete ${subject} successful`);
    return true;
  }

  #create(set: StatefulSet, ordinal: number, revision: string): boolean {
    const { name } = set.metadata;
    const pod = podName(set, ordinal);
    try {
      this.#createClaims(set, ordinal);
      this.#store.create('pods', newPod(set, ordinal, this.#revisions.template(set, revision), revision));
    } catch (error) {
      if (!(error instanceof ApiError)) {
        throw error;
      }
      this.#refused(set, `Create Pod ${pod} in StatefulSet ${name} failed error: ${error.message}`);
      return false;
    }
    this.#refusals.delete(set.metadata.uid);
    this.#events.event(
      set,
      'Normal',
      'SuccessfulCreate',
      `Create Pod ${pod} in StatefulSet ${name} successful`,
    );
    return true;
  }

  #createClaims(set: StatefulSet, ordinal: number): void {
    for (const claim of claimsOf(set, ordinal)) {
      const { name } = claim.metadata;
      if (this.#store.get(CLAIMS, set.metadata.namespace, name) === undefined) {
        this.#store.create(CLAIMS, claim);
        const of = `Pod ${podName(set, ordinal)} in StatefulSet ${set.metadata.name}`;
        this.#events.event(set, 'Normal', 'SuccessfulCreate', `Create Claim ${name} ${of} success`);
      }
    }
  }

  #refused(set: StatefulSet, message: string): void {
    const before = this.#refusals.get(set.metadata.uid) ?? 0;
    this.#refusals.set(set.metadata.uid, before + 1);
    this.#events.event(set, 'Warning', 'FailedCreate', message);
    const pause = Math.min(this.#timing.createRetry * 2 ** before, this.#timing.createRetryMax);
    this.#queue.addAfter(keyOf(set), pause);
  }

  /** A pod that is scaled away takes its claims with it: they become its own. */
  #leaveClaimsTo(set: StatefulSet, pod: Pod): void {
    for (const template of set.spec.volumeClaimTemplates ?? []) {
      const name = claimName(set, template, ordinalOf(set, pod));
      if (this.#store.get(CLAIMS, set.metadata.namespace, name) !== undefined) {
        this.#store.update(CLAIMS, set.metadata.namespace, name, (draft) => {
          draft.metadata.ownerReferences = [controllerReference(pod)];
        });
      }
    }
  }

  /** Ready for minReadySeconds; looks again when that is so. */
  #available(set: StatefulSet, pod: Pod): boolean {
    if (!isReady(pod)) {
      return false;
    }
    const since = pod.status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime;
    const wanted = amount(set.spec.minReadySeconds) * 1000;
    const left = wanted === 0 ? 0 : millis(since) + wanted - Date.now();
    if (left > 0) {
      this.#queue.addAfter(keyOf(set), left);
    }
    return left <= 0;
  }
}
