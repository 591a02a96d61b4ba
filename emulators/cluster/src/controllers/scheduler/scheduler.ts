import type { KubeObject } from '../../objects.js';
import type { Pod, PodCondition } from '../../kubelet/pod.js';
import { isFinished, isPod, podKey } from '../../kubelet/pod.js';
import type { ObjectStore, StoreEvent } from '../../store/object-store.js';
import { seconds } from '../clock.js';
import { EventRecorder } from '../event-recorder.js';
import { CLAIMS } from '../volume/types.js';
import { claimsProblem } from './claims.js';
import type { Amounts } from './fit.js';
import { allocatable, misfit, requestsOf, unschedulableMessage } from './fit.js';

const NAME = 'default-scheduler';

/** Binds pods to the one node, in the order they came, as far as there is room. */
export class Scheduler {
  readonly #store: ObjectStore;
  readonly #nodeName: string;
  readonly #events: EventRecorder;
  /** Pods that wait for the node, by key, and whether they have been told why. */
  readonly #waiting = new Map<string, { told: boolean }>();
  /** Whether something has happened since that can help those who were told. */
  #hope = false;
  /** What bound pods request, by uid. */
  readonly #bound = new Map<string, Amounts>();
  readonly #used: Amounts = new Map();
  #scheduled: NodeJS.Immediate | undefined;

  constructor(store: ObjectStore, nodeName: string) {
    this.#store = store;
    this.#nodeName = nodeName;
    this.#events = new EventRecorder(store, { component: NAME, host: nodeName });
    for (const object of store.list('pods')) {
      this.#look(object);
    }
  }

  apply({ resource, type, object }: StoreEvent): void {
    if (resource === 'nodes' || resource === CLAIMS) {
      this.#raiseHope();
    } else if (resource === 'pods' && type === 'DELETED') {
      this.#waiting.delete(podKey(object));
      this.#release(object.metadata.uid);
    } else if (resource === 'pods') {
      this.#look(object);
    }
  }

  close(): void {
    clearImmediate(this.#scheduled);
    this.#waiting.clear();
  }

  #look(object: KubeObject): void {
    if (!isPod(object)) {
      return;
    }
    const key = podKey(object);
    if (isFinished(object)) {
      this.#waiting.delete(key);
      this.#release(object.metadata.uid);
    } else if (object.spec.nodeName !== undefined) {
      this.#waiting.delete(key);
      this.#reserve(object);
    } else if (
      !this.#waiting.has(key) &&
      object.metadata.deletionTimestamp === undefined &&
      (object.spec.schedulerName ?? NAME) === NAME
    ) {
      this.#waiting.set(key, { told: false });
      this.#wake();
    }
  }

  #reserve(pod: Pod): void {
    if (this.#bound.has(pod.metadata.uid)) {
      return;
    }
    const requests = requestsOf(pod);
    this.#bound.set(pod.metadata.uid, requests);
    for (const [name, amount] of requests) {
      this.#used.set(name, (this.#used.get(name) ?? 0) + amount);
    }
  }

  #release(uid: string): void {
    for (const [name, amount] of this.#bound.get(uid) ?? []) {
      this.#used.set(name, (this.#used.get(name) ?? 0) - amount);
    }
    if (this.#bound.delete(uid)) {
      this.#raiseHope();
    }
  }

  #raiseHope(): void {
    this.#hope = true;
    this.#wake();
  }

  #wake(): void {
    this.#scheduled ??= setImmediate(() => {
      this.#scheduled = undefined;
      this.#schedule();
    });
  }

  /** Tries the pods that wait. Those who know what keeps them out are passed over while there is no hope. */
  #schedule(): void {
    const isHopeful = this.#hope;
    this.#hope = false;
    const node = this.#store.get('nodes', undefined, this.#nodeName);
    if (node === undefined) {
      return;
    }
    const room = allocatable(node).get('pods') ?? 0;
    for (const [key, waiting] of this.#waiting) {
      if (waiting.told && (!isHopeful || (this.#used.get('pods') ?? 0) >= room)) {
        continue;
      }
      const [namespace = '', name = ''] = key.split('/');
      const pod = this.#store.get('pods', namespace, name);
      if (!isPod(pod) || pod.spec.nodeName !== undefined) {
        this.#waiting.delete(key);
        continue;
      }
      const problem = this.#problem(pod, node);
      if (problem === undefined) {
        this.#waiting.delete(key);
        this.#bind(pod);
      } else {
        waiting.told = true;
        this.#refuse(pod, problem);
      }
    }
  }

  /** What keeps a pod from the node, in the words of its event. */
  #problem(pod: Pod, node: KubeObject): string | undefined {
    const claims = claimsProblem(this.#store, pod);
    if (claims !== undefined) {
      // A real scheduler has no more to say of it: no node was looked at.
      return `0/1 nodes are available: ${claims}. not found`;
    }
    const problem = misfit(pod, node, this.#used);
    return problem === undefined ? undefined : unschedulableMessage(problem);
  }

  #bind(pod: Pod): void {
    const { namespace, name } = pod.metadata;
    this.#reserve(pod);
    this.#store.update('pods', namespace, name, (draft) => {
      if (isPod(draft)) {
        draft.spec.nodeName = this.#nodeName;
        draft.status = { ...draft.status, conditions: [scheduled('True')] };
      }
    });
    const message = `Successfully assigned ${namespace}/${name} to ${this.#nodeName}`;
    this.#events.action(pod, 'Normal', 'Scheduled', message, 'Binding');
  }

  #refuse(pod: Pod, message: string): void {
    const known = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
    if (known?.message === message) {
      return;
    }
    this.#store.update('pods', pod.metadata.namespace, pod.metadata.name, (draft) => {
      if (isPod(draft)) {
        const condition = {
          ...scheduled('False'),
          observedGeneration: draft.metadata.generation ?? 1,
          reason: 'Unschedulable',
          message,
        };
        draft.status = { ...draft.status, conditions: [condition] };
      }
    });
    this.#events.action(pod, 'Warning', 'FailedScheduling', message, 'Scheduling');
  }
}

function scheduled(status: 'True' | 'False'): PodCondition {
  return { type: 'PodScheduled', status, lastProbeTime: null, lastTransitionTime: seconds() };
}
