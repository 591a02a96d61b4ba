import type { Pod } from '../kubelet/pod.js';
import { isPod } from '../kubelet/pod.js';
import type { KubeObject } from '../objects.js';
import type { ObjectStore, StoreEvent } from '../store/object-store.js';
import { controllerOf } from './ownership.js';

/** The pods of each owner, kept up to date, so that no controller searches all pods. */
export class PodIndex {
  readonly #byOwner = new Map<string, Map<string, Pod>>();

  constructor(store: ObjectStore) {
    for (const object of store.list('pods')) {
      this.#put(object);
    }
  }

  /** The pods whose controller has this uid, in order of creation. */
  ownedBy(uid: string): Pod[] {
    return [...(this.#byOwner.get(uid)?.values() ?? [])];
  }

  /** Takes in a change of the store; call it before those who ask. */
  apply(event: StoreEvent): void {
    if (event.resource !== 'pods') {
      return;
    }
    const before = event.previous === undefined ? undefined : controllerOf(event.previous)?.uid;
    const after = event.type === 'DELETED' ? undefined : controllerOf(event.object)?.uid;
    const gone = before ?? controllerOf(event.object)?.uid;
    if (gone !== undefined && gone !== after) {
      const pods = this.#byOwner.get(gone);
      pods?.delete(event.object.metadata.uid);
      if (pods?.size === 0) {
        this.#byOwner.delete(gone);
      }
    }
    if (event.type !== 'DELETED') {
      this.#put(event.object);
    }
  }

  #put(object: KubeObject): void {
    const owner = controllerOf(object)?.uid;
    if (owner === undefined || !isPod(object)) {
      return;
    }
    const pods = this.#byOwner.get(owner) ?? new Map<string, Pod>();
    pods.set(object.metadata.uid, object);
    this.#byOwner.set(owner, pods);
  }
}
