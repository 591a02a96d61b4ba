import { closeSync, openSync, rmSync, writevSync } from 'node:fs';
import { join } from 'node:path';
import { LineClock } from './line-clock.js';
import { LineSplitter, PieceCounter } from './line-splitter.js';

/** Before each stretch of lines: its stamp (8 bytes, nanoseconds) and its length (4 bytes). */
export const HEADER = 12;
/** A file that has grown this large is followed by a new one: a kubelet's `containerLogMaxSize`. */
const LARGEST = 10 * 1024 * 1024;
/** The newest is what the API serves; the one before it is kept for those who are still reading it. */
const SEGMENTS = 2;
/** A follower that is further behind when its file is rotated is left in it, as by a kubelet. */
const NEAR = 1024 * 1024;
/** One index entry for about so many bytes. */
const INDEX_STEP = 128 * 1024;

/** A place to start reading from: a frame, and what came before it. */
export interface Mark {
  /** Position in the log as if it were one file. */
  position: number;
  /** Pieces before it, from the beginning of the log. */
  pieces: number;
  /** Bytes of an unfinished line before it. */
  inLine: number;
}

/** Somebody who reads the log, told of rotations. */
export interface LogReader {
  readonly position: number;
  /** There is nothing more for this reader than what lies before `end`. */
  leftBehind(end: number): void;
}

export interface Segment {
  path: string;
  /** Position of its first byte. */
  base: number;
}

/**
 * What one run of one container has written, on disk. Written synchronously as it arrives, so that nothing
 * piles up in memory and readers see it at once; every reader keeps its own place in the files.
 */
export class LogFile {
  readonly #folder: string;
  readonly #clock = new LineClock();
  readonly #splitter = new LineSplitter();
  readonly #counter = new PieceCounter();
  readonly #segments: Segment[] = [];
  readonly #marks: Mark[] = [];
  readonly #listeners = new Set<() => void>();
  readonly #readers = new Set<LogReader>();
  readonly #largest: number;
  #fd: number | undefined;
  #size = 0;
  #pieces = 0;
  #closed = false;

  /**
   * @param folder must exist; it is given one file for each segment
   * @param largest bytes after which a new file is begun
   */
  constructor(folder: string, largest = LARGEST) {
    this.#folder = folder;
    this.#largest = largest;
  }

  /** Bytes in the log, headers included. */
  get size(): number {
    return this.#size;
  }

  /** Whether the container's run is over. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Appends output as it came out of the container. */
  write(chunk: Buffer): void {
    if (!this.#closed) {
      this.#append(this.#splitter.push(chunk));
    }
  }

  /** The run is over: gives out the last line, and ends every reader that follows. */
  close(): void {
    if (this.#closed) {
      return;
    }
    this.#append(this.#splitter.flush());
    this.#closed = true;
    if (this.#fd !== undefined) {
      closeSync(this.#fd);
      this.#fd = undefined;
    }
    this.#tell();
  }

  /** Removes the files. Readers finish what they hold open. */
  remove(): void {
    this.close();
    for (const { path } of this.#segments) {
      rmSync(path, { force: true });
    }
  }

  join(reader: LogReader): void {
    this.#readers.add(reader);
  }

  leave(reader: LogReader): void {
    this.#readers.delete(reader);
  }

  /** The segment that holds a position, or the oldest one that is left. */
  segmentAt(position: number): Segment | undefined {
    return this.#segments.findLast(({ base }) => base <= position) ?? this.#segments[0];
  }

  /** Where to begin for the last `lines` pieces, and how many pieces to pass over from there. */
  tail(lines: number): Mark & { skip: number } {
    const open = this.#counter.inLine === 0 ? 0 : 1;
    const wanted = Math.max(0, this.#pieces + open - lines);
    const mark = this.#marks.findLast(({ pieces }) => pieces <= wanted) ?? this.#start();
    return { ...mark, skip: Math.max(0, wanted - mark.pieces) };
  }

  /** Resolves at the next write, at the end of the log, or when `signal` is aborted. */
  changed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#listeners.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#listeners.add(done);
      signal.addEventListener('abort', done);
      if (signal.aborted || this.#closed) {
        done();
      }
    });
  }

  #start(): Mark {
    return this.#marks[0] ?? { position: 0, pieces: 0, inLine: 0 };
  }

  #append(lines: Buffer): void {
    if (lines.length === 0) {
      return;
    }
    this.#rotate();
    const last = this.#marks.at(-1);
    if (last === undefined || this.#size - last.position >= INDEX_STEP) {
      this.#marks.push({ position: this.#size, pieces: this.#pieces, inLine: this.#counter.inLine });
    }
    const pieces = this.#counter.count(lines);
    this.#pieces += pieces;
    const header = Buffer.allocUnsafe(HEADER);
    header.writeBigUInt64LE(this.#clock.take(pieces + 1), 0);
    header.writeUInt32LE(lines.length, 8);
    if (this.#fd !== undefined) {
      this.#size += writeAll(this.#fd, [header, lines]);
    }
    this.#tell();
  }

  #rotate(): void {
    const current = this.#segments.at(-1);
    if (current !== undefined && this.#size - current.base < this.#largest) {
      return;
    }
    if (this.#fd !== undefined) {
      closeSync(this.#fd);
    }
    const path = join(this.#folder, `${this.#size}.log`);
    this.#fd = openSync(path, 'a');
    this.#segments.push({ path, base: this.#size });
    while (this.#segments.length > SEGMENTS) {
      rmSync(this.#segments.shift()?.path ?? '', { force: true });
    }
    for (const reader of this.#readers) {
      if (this.#size - reader.position > Math.min(NEAR, this.#largest / 2)) {
        reader.leftBehind(this.#size);
      }
    }
    this.#marks.length = 0;
  }

  #tell(): void {
    for (const listener of this.#listeners) {
      listener();
    }
  }
}

/** Writes everything, in as many calls as it takes; returns the number of bytes. */
function writeAll(fd: number, buffers: Buffer[]): number {
  let rest = buffers;
  let total = 0;
  while (rest.length > 0) {
    let written = writevSync(fd, rest);
    total += written;
    const left: Buffer[] = [];
    for (const buffer of rest) {
      if (written >= buffer.length) {
        written -= buffer.length;
      } else {
        left.push(buffer.subarray(written));
        written = 0;
      }
    }
    rest = left;
  }
  return total;
}
