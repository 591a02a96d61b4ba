import type { KubeObject } from '../objects/types.js';

export interface WatchHandlers<T extends KubeObject> {
  onAdd?(object: T): void;
  onUpdate?(object: T, before: T): void;
  /** `object` is the last state known. */
  onDelete?(object: T): void;
}

/** `namespace/name`, the identity of an object among those of its kind. */
export function objectKey(object: KubeObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name ?? ''}`;
}

/**
 * What is known of a collection, without `managedFields`, and who is told when that changes. An object that was
 * deleted and made again between two looks is told as a deletion and an addition, for it is another one.
 */
export class ObjectCache<T extends KubeObject> {
  readonly #objects = new Map<string, T>();

  private readonly handlers: WatchHandlers<T>;
  private readonly onHandlerError: (error: unknown) => void;

  constructor(handlers: WatchHandlers<T>, onHandlerError: (error: unknown) => void) {
    this.handlers = handlers;
    this.onHandlerError = onHandlerError;
  }

  get objects(): ReadonlyMap<string, T> {
    return this.#objects;
  }

  /** A full list: what is not in it is gone. */
  replace(items: readonly T[]): void {
    const seen = new Set(items.map((item) => objectKey(item)));
    for (const [key, object] of this.#objects) if (!seen.has(key)) this.remove(object);
    for (const item of items) this.put(item);
  }

  put(object: T): void {
    // About half of an object, and nobody who watches asks for it: thousands are kept.
    delete object.metadata.managedFields;
    const key = objectKey(object);
    const before = this.#objects.get(key);
    if (before !== undefined && before.metadata.uid !== object.metadata.uid) {
      this.remove(before);
    } else if (before !== undefined && sameVersion(before, object)) {
      return;
    }
    this.#objects.set(key, object);
    if (before !== undefined && before.metadata.uid === object.metadata.uid) {
      this.#tell(() => this.handlers.onUpdate?.(object, before));
    } else {
      this.#tell(() => this.handlers.onAdd?.(object));
    }
  }

  remove(object: T): void {
    if (this.#objects.delete(objectKey(object))) this.#tell(() => this.handlers.onDelete?.(object));
  }

  #tell(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.onHandlerError(error);
    }
  }
}

function sameVersion(one: KubeObject, other: KubeObject): boolean {
  return one.metadata.resourceVersion === other.metadata.resourceVersion;
}
