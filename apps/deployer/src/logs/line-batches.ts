import type { Readable } from 'node:stream';
import { usualTimeLength } from './log-time.js';

/** Lines that arrived together. */
export interface LineBatch {
  lines: string[];
  /** One per line: when it was written. */
  times: string[];
  /** The first line continues where the last of the batch before was cut. */
  continues: boolean;
  /** The last line is not at its end. */
  isCut: boolean;
}

/** Characters of a line, and about as many of a batch: what is longer comes in pieces. */
const maxPiece = 64 * 1_024;

/**
 * A log with timestamps as batches of lines, as large as what has arrived: one line of a slow log, thousands of
 * a fast one. UTF-8 split over two chunks comes out whole, and what is not UTF-8 as replacement characters.
 * A line without its end is held until it ends or grows long.
 */
export async function* readLineBatches(log: Readable): AsyncGenerator<LineBatch> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const splitter = new LineSplitter();
  for await (const chunk of log) {
    const batch = splitter.push(decoder.decode(chunk, { stream: true }));
    if (batch !== undefined) yield batch;
  }
  const rest = splitter.end(decoder.decode());
  if (rest !== undefined) yield rest;
}

/** Cuts text into lines, each with its time. */
export class LineSplitter {
  #held = '';
  /** When the line was written of which a piece has gone out. */
  #cutTime: string | undefined;

  push(text: string): LineBatch | undefined {
    const lines = (this.#held + text).split('\n');
    this.#held = lines.pop() ?? '';
    const batch = this.#batch(lines);
    return this.#held.length > maxPiece ? this.#cut(batch) : nonEmpty(batch);
  }

  end(text: string): LineBatch | undefined {
    const lines = (this.#held + text).split('\n');
    if (lines.at(-1) === '' && this.#cutTime === undefined) lines.pop();
    this.#held = '';
    return nonEmpty(this.#batch(lines));
  }

  #batch(lines: readonly string[]): LineBatch {
    const batch: LineBatch = { lines: [], times: [], continues: false, isCut: false };
    for (const line of lines) {
      if (this.#cutTime !== undefined) {
        batch.continues = true;
        batch.times.push(this.#cutTime);
        batch.lines.push(line);
        this.#cutTime = undefined;
      } else {
        const space = line.charCodeAt(usualTimeLength) === 32 ? usualTimeLength : line.indexOf(' ');
        batch.times.push(line.slice(0, Math.max(0, space)));
        batch.lines.push(line.slice(space + 1));
      }
    }
    return batch;
  }

  /** Lets go of a piece of the line that has grown long. */
  #cut(batch: LineBatch): LineBatch {
    const last = this.#held.charCodeAt(this.#held.length - 1);
    // Half of a surrogate pair waits for its other half.
    const end = this.#held.length - (last >= 0xd800 && last <= 0xdbff ? 1 : 0);
    const piece = this.#batch([this.#held.slice(0, end)]);
    this.#held = this.#held.slice(end);
    this.#cutTime = piece.times[0];
    return {
      lines: [...batch.lines, ...piece.lines],
      times: [...batch.times, ...piece.times],
      continues: batch.continues || (batch.lines.length === 0 && piece.continues),
      isCut: true,
    };
  }
}

const nonEmpty = (batch: LineBatch): LineBatch | undefined => (batch.lines.length === 0 ? undefined : batch);
