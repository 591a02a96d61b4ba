import type { StoreEvent } from './object-store.js';

/** An event with the version of the write it tells of. */
export interface VersionedEvent extends StoreEvent {
  version: number;
}

/**
 * The last writes, oldest first, for watches that begin in the past. A bounded list: what falls out of it
 * makes an older watch "too old".
 */
export class History {
  #events: VersionedEvent[] = [];
  #oldest = 0;

  private readonly limit: number;

  /** `limit` is the least number of events that is kept. */
  constructor(limit: number) {
    this.limit = limit;
  }

  /** The version after which every event is known. */
  get oldest(): number {
    return this.#oldest;
  }

  add(event: VersionedEvent): void {
    this.#events.push(event);
    // Cut in halves, not one by one: a shift per write would copy the whole list each time.
    if (this.#events.length >= this.limit * 2) {
      const dropped = this.#events.length - this.limit;
      this.#oldest = this.#events[dropped - 1]?.version ?? this.#oldest;
      this.#events = this.#events.slice(dropped);
    }
  }

  /** The events after a version, or undefined when some of them are no longer known. */
  since(version: number): VersionedEvent[] | undefined {
    if (version < this.#oldest) {
      return undefined;
    }
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#events[middle]?.version ?? 0) <= version) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return this.#events.slice(low);
  }

  /** Forgets everything up to a version, as a compaction of etcd does. */
  compact(version: number): void {
    const kept = this.since(version);
    if (kept !== undefined) {
      this.#events = kept;
      this.#oldest = version;
    }
  }
}
