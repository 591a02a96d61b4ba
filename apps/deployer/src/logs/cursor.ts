import { compareTimes, nanosOf } from './log-time.js';

/** How far the log of one container was read. */
export interface Position {
  /** When the last line was written: RFC 3339. */
  time: string;
  /** How many lines of that very instant were read. */
  lines: number;
  /** Of the line after those, how many characters were read; 0 as a rule. */
  characters: number;
}

/** The id of an `end` event: nothing comes after it. */
export const endCursor = 'end';

/** How far each container of a Job was read; what the id of an event says. */
export class Cursor {
  readonly #positions = new Map<string, Position>();

  constructor(positions: Iterable<readonly [string, Position]> = []) {
    for (const [key, position] of positions) this.#positions.set(key, position);
  }

  get(pod: string, container: string): Position | undefined {
    return this.#positions.get(`${pod}/${container}`);
  }

  set(pod: string, container: string, position: Position): void {
    this.#positions.set(`${pod}/${container}`, position);
  }

  /** As an event id. Small: every event carries one, and it must come back in a header. */
  encode(): string {
    const parts = [...this.#positions].map(([key, { time, lines, characters }]) => {
      const numbers = [lines, ...(characters === 0 ? [] : [characters])].map((number) => number.toString(36));
      return [key, nanosOf(time).toString(36), ...numbers].join(' ');
    });
    return Buffer.from(parts.join('\n')).toString('base64url');
  }

  /** The reverse of `encode`; undefined for what is no cursor. */
  static decode(text: string): Cursor | undefined {
    const positions: [string, Position][] = [];
    for (const part of Buffer.from(text, 'base64url').toString('utf8').split('\n')) {
      const match =
        /^([a-z0-9.-]+\/[a-z0-9-]+) ([a-z0-9]{1,12}) ([a-z0-9]{1,11})(?: ([a-z0-9]{1,11}))?$/.exec(part);
      if (match === null) return undefined;
      const [, key = '', nanos = '', lines = '', characters = '0'] = match;
      positions.push([
        key,
        {
          time: timeOf(nanos),
          lines: Number.parseInt(lines, 36),
          characters: Number.parseInt(characters, 36),
        },
      ]);
    }
    return new Cursor(positions);
  }
}

/** Drops what was read before, line by line, when a log is opened again. */
export class Resume {
  #skipped = 0;
  #isPast = false;

  constructor(private readonly from: Position) {}

  get isPast(): boolean {
    return this.#isPast;
  }

  /** How many characters of this line were read already; all of them as infinity. */
  charactersRead(time: string): number {
    const order = compareTimes(time, this.from.time);
    if (order < 0) return Number.POSITIVE_INFINITY;
    if (order > 0) {
      this.#isPast = true;
      return 0;
    }
    const { lines, characters } = this.from;
    if (this.#skipped < lines) {
      this.#skipped += 1;
      this.#isPast = this.#skipped === lines && characters === 0;
      return Number.POSITIVE_INFINITY;
    }
    this.#isPast = true;
    return characters;
  }
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
