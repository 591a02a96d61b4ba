/** How far into cut-off output a line may begin for the replay to start there. */
const lineSearchBytes = 4_096;
const smallest = 1_024;

/** The last bytes of a terminal's output, for whoever comes back to it. */
export class ReplayRing {
  #bytes = Buffer.alloc(0);
  /** Bytes ever pushed: the position in the ring is this modulo its size. */
  #pushed = 0;

  private readonly capacity: number;

  /** @param capacity bytes kept at most; memory grows up to it as output comes */
  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get length(): number {
    return Math.min(this.#pushed, this.capacity);
  }

  push(chunk: Buffer): void {
    this.#grow(this.length + chunk.length);
    const kept = chunk.length > this.capacity ? chunk.subarray(chunk.length - this.capacity) : chunk;
    this.#pushed += chunk.length - kept.length;
    const at = this.#bytes.length === 0 ? 0 : this.#pushed % this.#bytes.length;
    const first = kept.copy(this.#bytes, at);
    kept.copy(this.#bytes, 0, first);
    this.#pushed += kept.length;
  }

  /**
   * What is kept, oldest first, as a copy. When older output was dropped it begins with a line if one begins
   * soon, else with a whole character, so that no half escape sequence or character is shown.
   */
  read(): Buffer {
    if (this.#pushed <= this.#bytes.length) return Buffer.from(this.#bytes.subarray(0, this.#pushed));
    const at = this.#pushed % this.#bytes.length;
    const all = Buffer.concat([this.#bytes.subarray(at), this.#bytes.subarray(0, at)]);
    return all.subarray(cleanStart(all));
  }

  /** Only while nothing has wrapped round: below its capacity the ring is a plain buffer. */
  #grow(needed: number): void {
    if (this.#bytes.length >= Math.min(needed, this.capacity)) return;
    const size = Math.min(this.capacity, Math.max(smallest, 2 ** Math.ceil(Math.log2(needed))));
    const larger = Buffer.alloc(size);
    this.#bytes.copy(larger);
    this.#bytes = larger;
  }
}

function cleanStart(bytes: Buffer): number {
  const newline = bytes.subarray(0, lineSearchBytes).indexOf('\n');
  if (newline >= 0) return newline + 1;
  // Continuation bytes of UTF-8 are 10xxxxxx; a character has at most three.
  let start = 0;
  while (start < 3 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1;
  return start;
}
