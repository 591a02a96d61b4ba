import type { KubeObject } from '../objects.js';
import type { ObjectStore, StoreEvent } from '../store/object-store.js';
import { EventRecorder } from './event-recorder.js';
import { controllerOf } from './ownership.js';
import { WorkQueue } from './work-queue.js';

/** Told of faults in a controller; the object is tried again. */
export type Report = (key: string, error: unknown) => void;

/** The objects that a controller keeps, and those that it makes for them. */
export interface Kept<T extends KubeObject> {
  kind: string;
  resource: string;
  /** The resource of what they own: a change of one brings its owner back. */
  owned: string;
  is: (object: KubeObject | undefined) => object is T;
  /** The name under which the controller writes events. */
  component: string;
}

/** What controllers of objects that own others have in common: each change of either brings the owner to `sync`. */
export abstract class OwnerController<T extends KubeObject> {
  protected readonly store: ObjectStore;
  protected readonly events: EventRecorder;
  readonly #kept: Kept<T>;
  readonly #queue: WorkQueue;

  constructor(store: ObjectStore, kept: Kept<T>, report: Report) {
    this.store = store;
    this.events = new EventRecorder(store, { component: kept.component });
    this.#kept = kept;
    this.#queue = new WorkQueue((key) => this.#sync(key), report);
    for (const object of store.list(kept.resource)) {
      this.#queue.add(keyOf(object));
    }
  }

  apply({ resource, object }: StoreEvent): void {
    if (resource === this.#kept.resource) {
      this.#queue.add(keyOf(object));
    } else if (resource === this.#kept.owned) {
      const owner = controllerOf(object);
      if (owner?.kind === this.#kept.kind) {
        this.#queue.add(`${object.metadata.namespace}/${owner.name}`);
      }
    }
  }

  close(): void {
    this.#queue.close();
  }

  /** Brings the cluster nearer to what the object asks for. Called again after each change. */
  protected abstract sync(object: T): void;

  protected syncAfter(object: T, ms: number): void {
    this.#queue.addAfter(keyOf(object), ms);
  }

  #sync(key: string): void {
    const [namespace = '', name = ''] = key.split('/');
    const object = this.store.get(this.#kept.resource, namespace, name);
    if (this.#kept.is(object)) {
      this.sync(object);
    }
  }
}

/** `namespace/name`. */
export function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace}/${metadata.name}`;
}
