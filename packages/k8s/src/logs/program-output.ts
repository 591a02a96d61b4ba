import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { LogUnavailableError } from './log-error.js';

const NEWLINE = 0x0a;

/** Milliseconds for which lines of a followed log are gathered, unless so many bytes are there before. */
const gatherMs = 4;
const gatheredBytes = 32 * 1_024;

/** `2026-01-01T00:00:00.000000000Z `; the zone is the node's, and old kubelets leave zeros out at the end. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d) /;
const LONGEST_TIME = '2026-01-01T00:00:00.000000000+00:00 '.length;

/** The first lines of a log, as many as came at once. */
export interface FirstLines {
  bytes: number;
  /** When the first and the last of them were written. */
  from: string;
  to: string;
}

/**
 * The lines of a program out of a log that was asked for with timestamps. A kubelet that fails in the middle writes
 * its own words into the log (`unable to retrieve container logs for containerd://…`, `failed to create fsnotify
 * watcher: too many open files`), with status 200. Those have no time before them, and a program's line always has:
 * that tells them apart.
 */
export class ProgramOutput implements AsyncIterable<Buffer> {
  readonly #lines: TimedLines;
  /** Undefined until the first of them came. */
  first: FirstLines | undefined;

  private readonly log: Readable;
  private readonly isFollowed: boolean;

  /** @param keepTimes whether each line is to keep its time */
  constructor(log: Readable, options: { keepTimes: boolean; isFollowed: boolean }) {
    this.log = log;
    this.isFollowed = options.isFollowed;
    this.#lines = new TimedLines(options.keepTimes);
  }

  /** @throws LogUnavailableError `log_lost` once all lines before the kubelet's words were taken */
  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    const lines = this.#lines;
    for await (const chunk of this.isFollowed ? gathered(this.log) : this.log) {
      const output = lines.push(chunk);
      this.first ??= lines.span(chunk.length);
      if (output.length > 0) yield output;
      if (lines.fault !== undefined) throw lostLog(lines.fault);
    }
    const rest = lines.end();
    if (rest.length > 0) yield rest;
    if (lines.fault !== undefined) throw lostLog(lines.fault);
  }
}

/**
 * A server sends a followed log line by line, and TLS wakes its reader for each record: without this every line would
 * be an event of its own (docs/performance.md). The first is passed on at once, and those that come in the next
 * milliseconds together.
 */
async function* gathered(log: Readable): AsyncGenerator<Buffer> {
  for await (const first of log) {
    const pieces: Buffer[] = [first];
    for (let more: Buffer | null = log.read(); more !== null; more = log.read()) pieces.push(more);
    const all = Buffer.concat(pieces);
    yield all;
    if (all.length < gatheredBytes) await sleep(gatherMs);
  }
}

/** Works on bytes: what is not UTF-8 stays as it is. */
class TimedLines {
  /** The beginning of a line that is too short to tell. */
  #held: Buffer = Buffer.alloc(0);
  #isInLine = false;
  /** What stood where a line with its time was to begin. */
  fault: string | undefined;
  #from: string | undefined;
  #to = '';

  private readonly keepTimes: boolean;

  constructor(keepTimes: boolean) {
    this.keepTimes = keepTimes;
  }

  push(chunk: Buffer): Buffer {
    const input = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = Buffer.alloc(0);
    const output = Buffer.allocUnsafe(input.length);
    let length = 0;
    let lastTime = -1;
    for (let at = 0; at < input.length;) {
      const newline = input.indexOf(NEWLINE, at);
      let from = at;
      if (!this.#isInLine) {
        if (newline === -1 && input.length - at < LONGEST_TIME) {
          this.#held = input.subarray(at);
          break;
        }
        const time = timeAt(input, at);
        if (time === 0) {
          this.fault = input.subarray(at).toString();
          break;
        }
        this.#from ??= input.toString('latin1', at, at + time - 1);
        lastTime = at;
        if (!this.keepTimes) from += time;
      }
      const end = newline === -1 ? input.length : newline + 1;
      length += input.copy(output, length, from, end);
      this.#isInLine = newline === -1;
      at = end;
    }
    if (lastTime !== -1)
      this.#to = input.toString('latin1', lastTime, lastTime + timeAt(input, lastTime) - 1);
    return output.subarray(0, length);
  }

  /** Of the lines so far; undefined when there was none. */
  span(bytes: number): FirstLines | undefined {
    return this.#from === undefined ? undefined : { bytes, from: this.#from, to: this.#to };
  }

  /** What was held, now that nothing follows. */
  end(): Buffer {
    const time = timeAt(this.#held, 0);
    if (time > 0) return this.keepTimes ? this.#held : this.#held.subarray(time);
    if (this.#held.length > 0) this.fault = this.#held.toString();
    return Buffer.alloc(0);
  }
}

/** How long the time is that a line begins with, its space included; 0 when there is none. */
function timeAt(input: Buffer, at: number): number {
  return TIME.exec(input.toString('latin1', at, at + LONGEST_TIME))?.[0].length ?? 0;
}

const lostLog = (words: string): LogUnavailableError =>
  new LogUnavailableError('log_lost', words.trim().slice(0, 300));
