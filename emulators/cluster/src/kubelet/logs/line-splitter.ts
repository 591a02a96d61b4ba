const LF = 10;
const CR = 13;

/** Longer lines are kept in pieces of this size; tailLines counts pieces. */
export const PIECE = 16_384;

/** Removes the CR before each LF. */
function withoutCarriageReturns(data: Buffer): Buffer {
  if (!data.includes('\r\n')) {
    return data;
  }
  const kept = Buffer.allocUnsafe(data.length);
  let length = 0;
  for (let index = 0; index < data.length; index += 1) {
    const byte = data[index] ?? 0;
    if (byte !== CR || data[index + 1] !== LF) {
      kept[length] = byte;
      length += 1;
    }
  }
  return kept.subarray(0, length);
}

/**
 * Holds back what is not a whole line yet: a line is given out when it ends, or in pieces of `PIECE` bytes
 * when it is longer than that.
 */
export class LineSplitter {
  #pending: Buffer = Buffer.alloc(0);

  /** Whole lines and pieces; empty while there are none. */
  push(chunk: Buffer): Buffer {
    const data = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    const end = data.lastIndexOf(LF) + 1;
    const open = data.length - end;
    const ready = end + (open - (open % PIECE));
    // A copy: the chunk it is cut from may be large.
    this.#pending = ready === data.length ? Buffer.alloc(0) : Buffer.from(data.subarray(ready));
    return withoutCarriageReturns(data.subarray(0, ready));
  }

  /** The last line, which nothing ended. */
  flush(): Buffer {
    const rest = this.#pending;
    this.#pending = Buffer.alloc(0);
    return rest;
  }
}

/** Walks through lines and pieces, over any number of buffers. */
export class PieceCounter {
  #inLine = 0;

  /** Bytes of the current line seen so far; 0 at the start of a line. */
  get inLine(): number {
    return this.#inLine;
  }

  constructor(inLine = 0) {
    this.#inLine = inLine;
  }

  /** Counts the pieces that end in `data`. */
  count(data: Buffer): number {
    let pieces = 0;
    this.#walk(data, () => {
      pieces += 1;
      return true;
    });
    return pieces;
  }

  /** Passes `pieces` pieces: how many there were, and the offset behind the last of them. */
  skip(data: Buffer, pieces: number): { skipped: number; offset: number } {
    let skipped = 0;
    const offset = this.#walk(data, () => {
      skipped += 1;
      return skipped < pieces;
    });
    return { skipped, offset };
  }

  /** Calls `piece` at the end of each; stops where it says false and returns the offset reached. */
  #walk(data: Buffer, piece: () => boolean): number {
    let from = 0;
    while (from < data.length) {
      const room = PIECE - (this.#inLine % PIECE);
      const newline = data.indexOf(LF, from);
      // A piece that is exactly full and then ends counts once: its LF belongs to it.
      const ends = newline >= 0 && newline - from <= room;
      const length = ends ? newline + 1 - from : Math.min(data.length - from, room);
      this.#inLine = ends ? 0 : this.#inLine + length;
      from += length;
      if ((ends || this.#inLine % PIECE === 0) && !piece()) {
        return from;
      }
    }
    return from;
  }
}
