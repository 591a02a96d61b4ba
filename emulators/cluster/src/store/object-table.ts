import type { KubeObject } from '../objects.js';
import type { VersionedEvent } from './history.js';
import { History } from './history.js';
import type { StoreEvent } from './object-store.js';

/** How many writes a watch may lie behind before it is told 410. */
const HISTORY_LIMIT = 2000;

type Bucket = Map<string, KubeObject>;

function byKey(left: KubeObject, right: KubeObject): number {
  const a = left.metadata.namespace ?? '';
  const b = right.metadata.namespace ?? '';
  if (a !== b) {
    return a < b ? -1 : 1;
  }
  return left.metadata.name < right.metadata.name ? -1 : 1;
}

/**
 * The objects themselves, with one version counter over all of them, an index by owner, a history for
 * watches, and the order in which listeners hear of writes. It knows nothing of kinds or rules.
 */
export class ObjectTable {
  readonly history = new History(HISTORY_LIMIT);
  readonly #resources = new Map<string, Map<string, Bucket>>();
  readonly #sorted = new Map<string, KubeObject[]>();
  readonly #dependents = new Map<string, Map<string, { resource: string; object: KubeObject }>>();
  readonly #listeners = new Set<(event: VersionedEvent) => void>();
  readonly #pending: VersionedEvent[] = [];
  #telling = false;
  #version = 0;

  private readonly report: (what: string, error: unknown) => void;

  /** `report` is told of listeners that throw: one of them must not keep the others from hearing. */
  constructor(report: (what: string, error: unknown) => void) {
    this.report = report;
  }

  /** The version of the last write. */
  get version(): number {
    return this.#version;
  }

  /** Takes the next version for a write that follows at once. */
  nextVersion(): string {
    this.#version += 1;
    return String(this.#version);
  }

  get(resource: string, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#resources
      .get(resource)
      ?.get(namespace ?? '')
      ?.get(name);
  }

  /** All objects of a resource, or those of one namespace, sorted. The list must not be changed. */
  list(resource: string, namespace: string | undefined): readonly KubeObject[] {
    const key = `${resource}/${namespace ?? '*'}`;
    const known = this.#sorted.get(key);
    if (known !== undefined) {
      return known;
    }
    const buckets = this.#resources.get(resource);
    const found =
      namespace === undefined
        ? [...(buckets?.values() ?? [])].flatMap((bucket) => [...bucket.values()])
        : [...(buckets?.get(namespace)?.values() ?? [])];
    found.sort(byKey);
    this.#sorted.set(key, found);
    return found;
  }

  /** Number of objects of a resource in a namespace, without sorting them. */
  count(resource: string, namespace: string): number {
    return this.#resources.get(resource)?.get(namespace)?.size ?? 0;
  }

  /** The objects whose ownerReferences name this uid. */
  dependents(uid: string): { resource: string; object: KubeObject }[] {
    return [...(this.#dependents.get(uid)?.values() ?? [])];
  }

  /** Puts an object in, or in the place of `previous`, and tells everybody. */
  put(resource: string, object: KubeObject, previous: KubeObject | undefined): void {
    this.#bucket(resource, object.metadata.namespace).set(object.metadata.name, object);
    this.#unindex(previous);
    for (const owner of object.metadata.ownerReferences ?? []) {
      const owned = this.#dependents.get(owner.uid) ?? new Map();
      owned.set(object.metadata.uid, { resource, object });
      this.#dependents.set(owner.uid, owned);
    }
    this.#changed(
      resource,
      previous === undefined
        ? { type: 'ADDED', resource, object }
        : { type: 'MODIFIED', resource, object, previous },
    );
  }

  /** Takes an object out. `last` is what watchers get: the stored state with the version of the removal. */
  remove(resource: string, last: KubeObject, previous: KubeObject): void {
    this.#bucket(resource, previous.metadata.namespace).delete(previous.metadata.name);
    this.#unindex(previous);
    this.#changed(resource, { type: 'DELETED', resource, object: last, previous });
  }

  subscribe(listener: (event: VersionedEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #bucket(resource: string, namespace: string | undefined): Bucket {
    let buckets = this.#resources.get(resource);
    if (buckets === undefined) {
      buckets = new Map();
      this.#resources.set(resource, buckets);
    }
    let bucket = buckets.get(namespace ?? '');
    if (bucket === undefined) {
      bucket = new Map();
      buckets.set(namespace ?? '', bucket);
    }
    return bucket;
  }

  #unindex(object: KubeObject | undefined): void {
    for (const owner of object?.metadata.ownerReferences ?? []) {
      const owned = this.#dependents.get(owner.uid);
      owned?.delete(object?.metadata.uid ?? '');
      if (owned?.size === 0) {
        this.#dependents.delete(owner.uid);
      }
    }
  }

  #changed(resource: string, event: StoreEvent): void {
    this.#sorted.delete(`${resource}/*`);
    this.#sorted.delete(`${resource}/${event.object.metadata.namespace ?? ''}`);
    const versioned = { ...event, version: this.#version };
    this.history.add(versioned);
    this.#pending.push(versioned);
    this.#tell();
  }

  #tell(): void {
    if (this.#telling) {
      return;
    }
    this.#telling = true;
    try {
      for (let event = this.#pending.shift(); event !== undefined; event = this.#pending.shift()) {
        for (const listener of this.#listeners) {
          try {
            listener(event);
          } catch (error) {
            this.report(`a listener failed at ${event.type} of ${event.resource}`, error);
          }
        }
      }
    } finally {
      this.#telling = false;
    }
  }
}
