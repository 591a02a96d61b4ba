import type { KubeObject } from '../objects.js';
import { kindNamed, resourceName } from '../schema/kinds.js';
import { FOREGROUND, ORPHAN } from './deletion.js';
import type { StoreEvent } from './object-store.js';
import type { Registry } from './registry.js';

function resourceOf(apiVersion: string, kind: string): string | undefined {
  const info = kindNamed(apiVersion, kind);
  return info === undefined ? undefined : resourceName(info);
}

/**
 * Deletes what its owners leave behind: dependents of objects that are gone (background), dependents of
 * objects that wait for them (foreground), and cuts the tie where dependents are to stay (orphan).
 * It works after the write that caused it, never inside it.
 */
export class GarbageCollector {
  readonly #registry: Registry;
  readonly #unsubscribe: () => void;
  readonly #queue: StoreEvent[] = [];
  #scheduled: NodeJS.Immediate | undefined;

  constructor(registry: Registry) {
    this.#registry = registry;
    this.#unsubscribe = registry.subscribe((event) => {
      if (this.#concerns(event)) {
        this.#queue.push(event);
        this.#scheduled ??= setImmediate(() => {
          this.#scheduled = undefined;
          this.#work();
        });
      }
    });
  }

  close(): void {
    this.#unsubscribe();
    clearImmediate(this.#scheduled);
  }

  #concerns({ type, object, previous }: StoreEvent): boolean {
    const { metadata } = object;
    const owned = metadata.ownerReferences !== undefined;
    if (type === 'DELETED') {
      return owned || this.#registry.table.dependents(metadata.uid).length > 0;
    }
    const dying = metadata.deletionTimestamp !== undefined && metadata.finalizers !== undefined;
    const tieChanged = previous?.metadata.ownerReferences !== metadata.ownerReferences;
    return (owned && tieChanged) || dying;
  }

  #work(): void {
    for (const { type, resource, object } of this.#queue.splice(0)) {
      const { namespace, name, uid } = object.metadata;
      if (type === 'DELETED') {
        for (const dependent of this.#registry.table.dependents(uid)) {
          this.#ownerGone(dependent.resource, dependent.object, uid);
        }
        this.#ownersMayFinish(object);
        continue;
      }
      const current = this.#registry.get(resource, namespace, name);
      if (current === undefined || current.metadata.uid !== uid) {
        continue;
      }
      this.#finishOwner(resource, current);
      this.#adoptOrphan(resource, current);
    }
  }

  /** An object that arrives with an owner that is already gone goes too. */
  #adoptOrphan(resource: string, object: KubeObject): void {
    for (const owner of object.metadata.ownerReferences ?? []) {
      const ownerResource = resourceOf(owner.apiVersion, owner.kind);
      if (ownerResource !== undefined && !this.#exists(ownerResource, object, owner)) {
        this.#ownerGone(resource, object, owner.uid);
      }
    }
  }

  #exists(resource: string, dependent: KubeObject, owner: { name: string; uid: string }): boolean {
    const namespace = this.#registry.info(resource).namespaced ? dependent.metadata.namespace : undefined;
    return this.#registry.get(resource, namespace, owner.name)?.metadata.uid === owner.uid;
  }

  #ownerGone(resource: string, object: KubeObject, uid: string): void {
    const { namespace, name } = object.metadata;
    const current = this.#registry.get(resource, namespace, name);
    if (current?.metadata.uid !== object.metadata.uid) {
      return;
    }
    const others = (current.metadata.ownerReferences ?? []).filter((owner) => owner.uid !== uid);
    if (others.length > 0) {
      this.#registry.update(resource, namespace, name, (draft) => {
        draft.metadata.ownerReferences = others;
      });
    } else if (current.metadata.deletionTimestamp === undefined) {
      this.#registry.delete(resource, namespace, name, { propagationPolicy: 'Background' });
    }
  }

  /** Looks again at the owners that waited for this dependent. */
  #ownersMayFinish(dependent: KubeObject): void {
    for (const owner of dependent.metadata.ownerReferences ?? []) {
      const resource = resourceOf(owner.apiVersion, owner.kind);
      const current =
        resource === undefined
          ? undefined
          : this.#registry.get(resource, dependent.metadata.namespace, owner.name);
      if (resource !== undefined && current?.metadata.uid === owner.uid) {
        this.#finishOwner(resource, current);
      }
    }
  }

  #finishOwner(resource: string, owner: KubeObject): void {
    const { finalizers = [], deletionTimestamp, uid } = owner.metadata;
    if (deletionTimestamp === undefined) {
      return;
    }
    const dependents = this.#registry.table.dependents(uid);
    if (finalizers.includes(ORPHAN)) {
      for (const dependent of dependents) {
        const { namespace, name } = dependent.object.metadata;
        this.#registry.update(dependent.resource, namespace, name, (draft) => {
          draft.metadata.ownerReferences = (draft.metadata.ownerReferences ?? []).filter(
            (reference) => reference.uid !== uid,
          );
        });
      }
      this.#release(resource, owner, ORPHAN);
    } else if (finalizers.includes(FOREGROUND)) {
      for (const dependent of dependents) {
        if (dependent.object.metadata.deletionTimestamp === undefined) {
          const { namespace, name } = dependent.object.metadata;
          this.#registry.delete(dependent.resource, namespace, name, {
            // A dependent with dependents of its own waits for them in its turn.
            propagationPolicy:
              this.#registry.table.dependents(dependent.object.metadata.uid).length > 0
                ? 'Foreground'
                : 'Background',
          });
        }
      }
      const blocking = this.#registry.table
        .dependents(uid)
        .some(({ object }) =>
          object.metadata.ownerReferences?.some(
            (reference) => reference.uid === uid && reference.blockOwnerDeletion === true,
          ),
        );
      if (!blocking) {
        this.#release(resource, owner, FOREGROUND);
      }
    }
  }

  #release(resource: string, owner: KubeObject, finalizer: string): void {
    const { namespace, name } = owner.metadata;
    this.#registry.update(resource, namespace, name, (draft) => {
      draft.metadata.finalizers = (draft.metadata.finalizers ?? []).filter((item) => item !== finalizer);
    });
  }
}
