import { nanosOf } from './log-time.js';

/** How far the log of one container was read. */
export interface Position {
  /** When the last line was written: RFC 3339. */
  time: string;
  /** How many lines of that very instant were read. */
  lines: number;
  /** Of the line after those, how many characters were read; 0 as a rule. */
  characters: number;
  /** Which run of the container it is of: 0 is the first; undefined in an id of an earlier version. */
  run: number | undefined;
}

/** A container by its pod. */
export interface LogSource {
  pod: string;
  /** When the pod was created: seconds since the epoch, as finely as Kubernetes tells. */
  created: number;
  container: string;
}

interface Entry {
  created: number;
  /** Undefined while nothing of it was read. */
  position: Position | undefined;
  /** Nothing more will come. */
  isDone: boolean;
}

/** The id of an `end` event: nothing comes after it. */
export const endCursor = 'end';

/**
 * Seconds between the newest pod and those that surely all are known: pods are told of in the order they were
 * created, but not every API server need have the same clock.
 */
const settledAfter = 2;

/**
 * How far each container of a Job was read; what the id of an event says. A Job may go through thousands of pods,
 * and an id must fit a header: what was read to its end is not listed but lies below a watermark, by when its pod
 * was created. Below it only containers that are not at their end are listed.
 */
export class Cursor {
  readonly #entries = new Map<string, Entry>();
  /** All that ran in pods created until then was read, unless it is listed. */
  #watermark: number;

  private readonly readUntil: number;
  private readonly readBefore: ReadonlyMap<string, Position | undefined>;

  /**
   * @param readBefore how far an earlier connection had read each container
   * @param readUntil the watermark it had reached
   */
  constructor(readBefore: ReadonlyMap<string, Position | undefined> = new Map(), readUntil = 0) {
    this.readBefore = readBefore;
    this.readUntil = readUntil;

    this.#watermark = readUntil;
  }

  /** Whether an earlier connection read it to its end. */
  wasRead(source: LogSource): boolean {
    return source.created <= this.readUntil && !this.readBefore.has(keyOf(source));
  }

  /** A container is read from now on. All of the pods known are to be begun before the first is read. */
  begin(source: LogSource): void {
    const position = this.readBefore.get(keyOf(source));
    this.#entries.set(keyOf(source), { created: source.created, position, isDone: false });
  }

  get(source: LogSource): Position | undefined {
    return this.#entries.get(keyOf(source))?.position;
  }

  set(source: LogSource, position: Position): void {
    const entry = this.#entries.get(keyOf(source));
    if (entry !== undefined) entry.position = position;
  }

  /** A container was read to its end. */
  finish(source: LogSource): void {
    const entry = this.#entries.get(keyOf(source));
    if (entry !== undefined) entry.isDone = true;
  }

  /** All pods created until then are known, and what is to be read of them has begun. */
  settle(newest: number): void {
    this.#watermark = Math.max(this.#watermark, newest - settledAfter);
    for (const [key, { created, isDone }] of this.#entries) {
      if (isDone && created <= this.#watermark) this.#entries.delete(key);
    }
  }

  /** As an event id. Small: every event carries one, and it must come back in a header. */
  encode(): string {
    const parts = [`@${this.#watermark.toString(36)}`];
    for (const [key, { created, position }] of this.#entries) {
      if (position !== undefined) parts.push(`${key} ${encodePosition(position)}`);
      else if (created <= this.#watermark) parts.push(key);
    }
    return Buffer.from(parts.join('\n')).toString('base64url');
  }

  /** The reverse of `encode`; undefined for what is no cursor. */
  static decode(text: string): Cursor | undefined {
    const [first = '', ...parts] = Buffer.from(text, 'base64url').toString('utf8').split('\n');
    const watermark = /^@([0-9a-z]{1,8})$/.exec(first)?.[1];
    if (watermark === undefined) return undefined;
    const positions = new Map<string, Position | undefined>();
    for (const part of parts) {
      const match = /^([a-z0-9.-]+\/[a-z0-9-]+)(?: ([a-z0-9 ~]+))?$/.exec(part);
      if (match?.[1] === undefined) return undefined;
      const position = match[2] === undefined ? undefined : decodePosition(match[2]);
      if (match[2] !== undefined && position === undefined) return undefined;
      positions.set(match[1], position);
    }
    return new Cursor(positions, Number.parseInt(watermark, 36));
  }
}

const keyOf = ({ pod, container }: LogSource): string => `${pod}/${container}`;

function encodePosition({ time, lines, characters, run }: Position): string {
  const numbers = [lines, ...(characters === 0 ? [] : [characters])].map((number) => number.toString(36));
  const ofRun = run === undefined ? '' : `~${run.toString(36)}`;
  return `${[nanosOf(time).toString(36), ...numbers].join(' ')}${ofRun}`;
}

function decodePosition(text: string): Position | undefined {
  const match = /^([a-z0-9]{1,12}) ([a-z0-9]{1,11})(?: ([a-z0-9]{1,11}))?(?:~([a-z0-9]{1,6}))?$/.exec(text);
  if (match === null) return undefined;
  const [, nanos = '', lines = '', characters = '0', run] = match;
  return {
    time: timeOf(nanos),
    lines: Number.parseInt(lines, 36),
    characters: Number.parseInt(characters, 36),
    run: run === undefined ? undefined : Number.parseInt(run, 36),
  };
}

function timeOf(nanos36: string): string {
  let nanos = 0n;
  for (const digit of nanos36) nanos = nanos * 36n + BigInt(Number.parseInt(digit, 36));
  const seconds = new Date(Number(nanos / 1_000_000_000n) * 1_000);
  const fraction = (nanos % 1_000_000_000n).toString().padStart(9, '0');
  return Number.isNaN(seconds.getTime())
    ? '1970-01-01T00:00:00.000000000Z'
    : seconds.toISOString().replace('.000Z', `.${fraction}Z`);
}
