/**
 * A cache of limited size that forgets the entry used longest ago.
 *
 * A Map keeps its keys in the order of insertion. Every use deletes the key and inserts it again, so the
 * first key of the map is always the least recently used one, and both calls take constant time.
 */
export class LruCache<Key, Value> {
  private readonly entries = new Map<Key, Value>();

  private readonly capacity: number;

/** @param capacity most entries kept; a whole number above zero, RangeError otherwise */
  constructor(capacity: number) {
this.capacity = capacity;

    if (!Number.isInteger(capacity) || capacity < 1) {
      throw new RangeError(`capacity must be a whole number above zero, not ${capacity}`);
    }
  }

  /** The value of a key, or undefined. Reading counts as a use. */
  get(key: Key): Value | undefined {
    const value = this.entries.get(key);
    if (value === undefined) return undefined;
    this.touch(key, value);
    return value;
  }

  /** Stores a value; the entry used longest ago goes when the cache is full. */
  put(key: Key, value: Value): void {
    this.touch(key, value);
    if (this.entries.size <= this.capacity) return;
    const oldest = this.entries.keys().next();
    if (!oldest.done) this.entries.delete(oldest.value);
  }

  /** Moves a key to the end of the order of use. */
  private touch(key: Key, value: Value): void {
    this.entries.delete(key);
    this.entries.set(key, value);
  }
}
