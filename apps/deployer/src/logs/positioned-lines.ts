import type { Position } from './cursor.js';
import type { LineBatch } from './line-batches.js';
import { compareTimes } from './log-time.js';
import { Resume } from './resume.js';

/** Keeps of a log what was not read before, and how far it has been read. */
export class PositionedLines {
  readonly #resume: Resume | undefined;
  readonly #run: number;
  #position: Position | undefined;
  /** Characters of the present line that were read before. */
  #toDrop = 0;

  /**
   * @param run which run of the container the log is of
   * @param from how far it was read when it was last open
   */
  constructor(run: number, from: Position | undefined) {
    this.#run = run;
    this.#resume = from === undefined ? undefined : new Resume(from);
    this.#position = from;
  }

  /** Undefined as long as there was nothing. */
  get position(): Position | undefined {
    return this.#position;
  }

  /** It was read before, and where that left off has not been met in it. */
  get hasLostPlace(): boolean {
    return this.#resume !== undefined && !this.#resume.isFound;
  }

  /** What of a batch is new; undefined when nothing is. */
  take(batch: LineBatch): LineBatch | undefined {
    const isFresh =
      this.#resume === undefined || (this.#resume.isPast && (this.#toDrop === 0 || !batch.continues));
    if (isFresh) this.#toDrop = 0;
    const fresh = isFresh ? batch : this.#drop(batch, this.#resume);
    if (fresh.lines.length === 0) return undefined;
    this.#advance(fresh);
    return fresh;
  }

  #drop(batch: LineBatch, resume: Resume | undefined): LineBatch {
    const fresh: LineBatch = { lines: [], times: [], continues: false, isCut: batch.isCut };
    for (const [index, line] of batch.lines.entries()) {
      const time = batch.times[index] ?? '';
      const goesOn = index === 0 && batch.continues;
      const isPiece = batch.isCut && index === batch.lines.length - 1;
      if (!goesOn) this.#toDrop = resume === undefined || resume.isPast ? 0 : resume.charactersRead(time);
      if (this.#toDrop === Number.POSITIVE_INFINITY) continue;
      if (isPiece && this.#toDrop >= line.length) {
        this.#toDrop -= line.length;
        continue;
      }
      if (fresh.lines.length === 0) fresh.continues = goesOn || this.#toDrop > 0;
      fresh.lines.push(line.slice(this.#toDrop));
      fresh.times.push(time);
      this.#toDrop = 0;
    }
    return fresh;
  }

  #advance(batch: LineBatch): void {
    const whole = batch.lines.length - (batch.isCut ? 1 : 0);
    const time = batch.times[whole - 1];
    if (time !== undefined) {
      let lines = 1;
      while (lines < whole && batch.times[whole - 1 - lines] === time) lines += 1;
      const before = lines === whole ? this.#at(time) : undefined;
      this.#position = { time, lines: (before?.lines ?? 0) + lines, characters: 0, run: this.#run };
    }
    if (!batch.isCut) return;
    const cutTime = batch.times.at(-1) ?? '';
    const before = this.#at(cutTime);
    const piece = batch.lines.at(-1)?.length ?? 0;
    this.#position = {
      time: cutTime,
      lines: before?.lines ?? 0,
      characters: (before?.characters ?? 0) + piece,
      run: this.#run,
    };
  }

  /** The position so far, if it is of this very instant. */
  #at(time: string): Position | undefined {
    return this.#position !== undefined && compareTimes(this.#position.time, time) === 0
      ? this.#position
      : undefined;
  }
}
