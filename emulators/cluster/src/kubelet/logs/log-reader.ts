import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { LogOptions } from '../../kubelet-contract.js';
import { formatStamp } from './line-clock.js';
import { PieceCounter } from './line-splitter.js';
import type { LogFile, LogReader } from './log-file.js';
import { HEADER } from './log-file.js';

/** Read at a time; larger than any frame (64 KiB from a pipe, and a held piece). */
const BLOCK = 256 * 1024;
/** Doubles cannot hold nanoseconds of today: so much earlier than asked for is let through. */
const PRECISION = 512;

type ReadOptions = Omit<LogOptions, 'previous'>;

/** One stretch of lines with the stamp of the first. */
interface Frame {
  stamp: bigint;
  lines: Buffer;
}

/** Turns frames into what the client asked for. Keeps its place between frames. */
class Formatter {
  readonly #options: ReadOptions;
  readonly #counter: PieceCounter;
  #skip: number;
  #atLineStart = true;

  constructor(options: ReadOptions, skip: number, inLine: number) {
    this.#options = options;
    this.#skip = skip;
    this.#counter = new PieceCounter(inLine);
  }

  format({ stamp, lines }: Frame, out: Buffer[]): void {
    let first = stamp;
    let rest = lines;
    if (this.#skip > 0) {
      const { skipped, offset } = this.#counter.skip(lines, this.#skip);
      this.#skip -= skipped;
      first += BigInt(skipped);
      rest = lines.subarray(offset);
    }
    const { sinceTime, timestamps } = this.#options;
    if (!timestamps && (sinceTime === undefined || Number(first) >= sinceTime * 1e6 - PRECISION)) {
      out.push(rest);
      this.#atLineStart = rest.length === 0 ? this.#atLineStart : rest.at(-1) === 10;
      return;
    }
    this.#byLine(first, rest, out);
  }

  #byLine(first: bigint, lines: Buffer, out: Buffer[]): void {
    const since = this.#options.sinceTime === undefined ? 0 : this.#options.sinceTime * 1e6 - PRECISION;
    let stamp = first;
    for (let from = 0; from < lines.length;) {
      const newline = lines.indexOf(10, from);
      const end = newline < 0 ? lines.length : newline + 1;
      if (Number(stamp) >= since) {
        if (this.#options.timestamps && this.#atLineStart) {
          out.push(Buffer.from(`${formatStamp(stamp)} `, 'latin1'));
        }
        out.push(lines.subarray(from, end));
      }
      this.#atLineStart = newline >= 0;
      stamp += 1n;
      from = end;
    }
  }
}

/** Reads frames block by block, over the borders of segments. */
class FrameReader implements LogReader {
  readonly #log: LogFile;
  readonly #block = Buffer.allocUnsafe(BLOCK);
  #file: FileHandle | undefined;
  #base = -1;
  #position: number;
  /** Where the file ends that a rotation has left this reader in. */
  #end = Number.POSITIVE_INFINITY;

  constructor(log: LogFile, position: number) {
    this.#log = log;
    this.#position = position;
    log.join(this);
  }

  get position(): number {
    return this.#position;
  }

  leftBehind(end: number): void {
    this.#end = Math.min(this.#end, end);
  }

  /** Whether it will never get more than it has. */
  get done(): boolean {
    return this.#position >= Math.min(this.#end, this.#log.size);
  }

  /** The next whole frames before `limit`; none when the log has no more. */
  async next(limit: number): Promise<Frame[]> {
    const end = Math.min(limit, this.#end);
    if (this.#position >= end) {
      return [];
    }
    const file = await this.#fileAt();
    if (this.#position >= end) {
      return [];
    }
    const length = Math.min(BLOCK, end - this.#position);
    const { bytesRead } = await file.read(this.#block, 0, length, this.#position - this.#base);
    const frames: Frame[] = [];
    let offset = 0;
    while (offset + HEADER <= bytesRead) {
      const size = this.#block.readUInt32LE(offset + 8);
      if (offset + HEADER + size > bytesRead) {
        break;
      }
      const lines = this.#block.subarray(offset + HEADER, offset + HEADER + size);
      frames.push({ stamp: this.#block.readBigUInt64LE(offset), lines });
      offset += HEADER + size;
    }
    this.#position += offset;
    return frames;
  }

  async close(): Promise<void> {
    this.#log.leave(this);
    await this.#file?.close();
    this.#file = undefined;
  }

  /** The segment at the position; what has been dropped meanwhile is passed over. */
  async #fileAt(): Promise<FileHandle> {
    if (this.#file !== undefined && this.#end !== Number.POSITIVE_INFINITY) {
      // Left behind in this file, which may be gone from the folder by now.
      return this.#file;
    }
    const segment = this.#log.segmentAt(this.#position);
    if (segment === undefined) {
      throw new Error('the log is empty');
    }
    this.#position = Math.max(this.#position, segment.base);
    if (this.#file === undefined || this.#base !== segment.base) {
      await this.#file?.close();
      this.#file = await open(segment.path, 'r');
      this.#base = segment.base;
    }
    return this.#file;
  }
}

/**
 * The bytes of a log as the log endpoint gives them. It reads when asked for more, so a slow consumer costs
 * no memory; many lines may come in one buffer. Ends without an error when `signal` is aborted.
 */
export async function* readLog(log: LogFile, options: ReadOptions): AsyncGenerator<Buffer> {
  const start = log.tail(options.tailLines ?? Number.POSITIVE_INFINITY);
  const formatter = new Formatter(options, start.skip, start.inLine);
  const reader = new FrameReader(log, start.position);
  const snapshot = log.size;
  let budget = options.limitBytes ?? Number.POSITIVE_INFINITY;
  try {
    while (!options.signal.aborted && budget > 0) {
      const frames = await reader.next(options.follow ? log.size : snapshot);
      if (frames.length === 0) {
        if (!options.follow || (log.closed && reader.done)) {
          return;
        }
        await log.changed(options.signal);
        continue;
      }
      const out: Buffer[] = [];
      for (const frame of frames) {
        formatter.format(frame, out);
      }
      // A copy, also because the block is read into again.
      const bytes = Buffer.concat(out).subarray(0, budget);
      budget -= bytes.length;
      if (bytes.length > 0) {
        yield bytes;
      }
    }
  } finally {
    await reader.close();
  }
}
