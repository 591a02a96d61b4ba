/** Entries per chunk before it is split: inserting moves at most this many. */
const CHUNK_SIZE = 512;

/**
 * A sorted list in chunks: finding, inserting and removing cost a binary search over the chunks and one inside
 * a chunk, so they stay fast from ten entries to millions.
 */
export class OrderedList<T> {
  readonly #compare: (a: T, b: T) => number;
  #chunks: T[][] = [];
  #size = 0;

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#size;
  }

  /** Replaces the content; cheaper than inserting one by one. */
  load(items: T[]): void {
    const sorted = items.toSorted(this.#compare);
    this.#chunks = [];
    for (let i = 0; i < sorted.length; i += CHUNK_SIZE / 2)
      this.#chunks.push(sorted.slice(i, i + CHUNK_SIZE / 2));
    this.#size = sorted.length;
  }

  insert(item: T): void {
    this.#size++;
    const [at, offset] = this.#find((other) => this.#compare(other, item) >= 0);
    const target = at < this.#chunks.length ? at : at - 1;
    const chunk = this.#chunks[target];
    if (chunk === undefined) {
      this.#chunks.push([item]);
      return;
    }
    chunk.splice(at === target ? offset : chunk.length, 0, item);
    if (chunk.length > CHUNK_SIZE) this.#chunks.splice(target + 1, 0, chunk.splice(CHUNK_SIZE / 2));
  }

  /** Removes the entry that compares equal; false when there is none. */
  delete(item: T): boolean {
    const [at, offset] = this.#find((other) => this.#compare(other, item) >= 0);
    const chunk = this.#chunks[at];
    const found = chunk?.[offset];
    if (chunk === undefined || found === undefined || this.#compare(found, item) !== 0) return false;
    chunk.splice(offset, 1);
    if (chunk.length === 0) this.#chunks.splice(at, 1);
    this.#size--;
    return true;
  }

  /** Entries upward from the first that `reached` accepts. `reached` must be false, then true, along the list. */
  *ascend(reached: (item: T) => boolean): Generator<T> {
    const [first, offset] = this.#find(reached);
    for (let at = first, i = offset; at < this.#chunks.length; at++, i = 0) {
      const chunk = this.#chunks[at] ?? [];
      for (; i < chunk.length; i++) yield chunk[i] as T;
    }
  }

  /** Entries downward from the last before `passed` turns true. */
  *descend(passed: (item: T) => boolean): Generator<T> {
    const [first, offset] = this.#find(passed);
    for (let at = first, end: number | undefined = offset; at >= 0; at--, end = undefined) {
      const chunk = this.#chunks[at] ?? [];
      for (let i = (end ?? chunk.length) - 1; i >= 0; i--) yield chunk[i] as T;
    }
  }

  /** Chunk and offset of the first entry the condition holds for. */
  #find(holds: (item: T) => boolean): [chunk: number, offset: number] {
    const at = lowerBound(this.#chunks, (chunk) => holds(chunk[chunk.length - 1] as T));
    const chunk = this.#chunks[at];
    return [at, chunk === undefined ? 0 : lowerBound(chunk, holds)];
  }
}

function lowerBound<T>(items: readonly T[], holds: (item: T) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(items[middle] as T)) high = middle;
    else low = middle + 1;
  }
  return low;
}
