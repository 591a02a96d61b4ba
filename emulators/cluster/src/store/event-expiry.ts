import type { ObjectStore, StoreEvent } from './object-store.js';

/** An API server's `--event-ttl`. */
const LIFETIME_MS = 3_600_000;
/** Of a busy hour the newest are kept: this cluster holds everything in memory. */
const MOST = 5000;
const LOOK_EVERY_MS = 60_000;

interface Kept {
  readonly namespace: string | undefined;
  readonly name: string;
  readonly uid: string;
  readonly since: number;
}

/** Removes Events that are an hour old, and the oldest beyond a number. */
export class EventExpiry {
  readonly #store: ObjectStore;
  readonly #most: number;
  /** In the order of their creation. */
  readonly #kept = new Map<string, Kept>();
  readonly #unsubscribe: () => void;
  readonly #timer: NodeJS.Timeout;

  constructor(store: ObjectStore, most = MOST) {
    this.#store = store;
    this.#most = most;
    this.#unsubscribe = store.subscribe((event) => this.#apply(event));
    this.#timer = setInterval(() => this.#expire(), LOOK_EVERY_MS);
    this.#timer.unref();
  }

  close(): void {
    this.#unsubscribe();
    clearInterval(this.#timer);
  }

  #apply({ resource, type, object }: StoreEvent): void {
    if (resource !== 'events') {
      return;
    }
    const { namespace, name, uid } = object.metadata;
    if (type === 'DELETED') {
      this.#kept.delete(uid);
    } else if (type === 'ADDED') {
      this.#kept.set(uid, { namespace, name, uid, since: Date.now() });
      if (this.#kept.size > this.#most) {
        this.#removeOldest();
      }
    }
  }

  #expire(): void {
    for (const { since } of this.#kept.values()) {
      if (since > Date.now() - LIFETIME_MS) {
        return;
      }
      this.#removeOldest();
    }
  }

  #removeOldest(): void {
    const [oldest] = this.#kept.values();
    if (oldest !== undefined) {
      this.#kept.delete(oldest.uid);
      this.#store.delete('events', oldest.namespace, oldest.name, { preconditions: { uid: oldest.uid } });
    }
  }
}
