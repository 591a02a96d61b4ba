import { kinds, resourceName } from '../schema/kinds.js';
import type { StoreEvent } from './object-store.js';
import type { Registry } from './registry.js';

const namespaced = kinds.filter((info) => info.namespaced).map(resourceName);

/** Empties namespaces that are being deleted and removes them when nothing is left. */
export class NamespaceCleaner {
  readonly #registry: Registry;
  readonly #unsubscribe: () => void;
  readonly #terminating = new Set<string>();
  #scheduled: NodeJS.Immediate | undefined;

  constructor(registry: Registry) {
    this.#registry = registry;
    this.#unsubscribe = registry.subscribe((event) => {
      this.#hear(event);
    });
  }

  close(): void {
    this.#unsubscribe();
    clearImmediate(this.#scheduled);
  }

  #hear({ type, resource, object }: StoreEvent): void {
    const { name, namespace, deletionTimestamp } = object.metadata;
    if (resource === 'namespaces' && deletionTimestamp !== undefined && type === 'MODIFIED') {
      this.#terminating.add(name);
      this.#schedule();
    } else if (type === 'DELETED' && namespace !== undefined && this.#terminating.has(namespace)) {
      this.#schedule();
    }
  }

  #schedule(): void {
    this.#scheduled ??= setImmediate(() => {
      this.#scheduled = undefined;
      for (const name of this.#terminating) {
        this.#clean(name);
      }
    });
  }

  #clean(name: string): void {
    for (const resource of namespaced) {
      for (const object of this.#registry.list(resource, { namespace: name })) {
        if (object.metadata.deletionTimestamp === undefined) {
          this.#registry.delete(resource, name, object.metadata.name, { propagationPolicy: 'Background' });
        }
      }
    }
    if (namespaced.every((resource) => this.#registry.table.count(resource, name) === 0)) {
      this.#terminating.delete(name);
      this.#registry.finishNamespace(name);
    }
  }
}
