import type { Position } from './cursor.js';
import { compareTimes } from './log-time.js';

/** Drops what was read before, line by line, when a log is opened again. */
export class Resume {
  #skipped = 0;
  #isPast = false;
  #isFound = false;

  private readonly from: Position;

  constructor(from: Position) {
    this.from = from;
  }

  get isPast(): boolean {
    return this.#isPast;
  }

  /** Whether a line read before is there. If not, the log is of another run of the container, or begins later by now. */
  get isFound(): boolean {
    return this.#isFound;
  }

  /** How many characters of this line were read already; all of them as infinity. */
  charactersRead(time: string): number {
    const order = compareTimes(time, this.from.time);
    if (order <= 0) this.#isFound = true;
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
