import type { LogEvent, LogGapEvent } from '@cloudemy/contracts';
import { plainOf } from './ansi.ts';

/** One row of the view: a line, or a place where lines are missing. */
export interface LogRow {
  text: string;
  /** `pod/container`. */
  source: string;
  /** When it was written; empty where that is not known. */
  at: string;
  gap: boolean;
}

/** Rows that a page keeps: what a browser holds with ease. The cluster has them all. */
export const maxRows = 1_000_000;

/** The rows of one log as they come, and those that a search or a filter lets through. */
export class LogStore {
  #rows: LogRow[] = [];
  #version = 0;
  #dropped = 0;
  readonly #sources = new Map<string, number>();
  readonly #listeners = new Set<() => void>();
  readonly #limit: number;

  constructor(limit: number = maxRows) {
    this.#limit = limit;
  }

  get rows(): readonly LogRow[] {
    return this.#rows;
  }

  /** Grows with every change. */
  get version(): number {
    return this.#version;
  }

  /** Rows that had to go. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Every `pod/container` that wrote, in the order of their first lines. */
  get sources(): readonly string[] {
    return [...this.#sources.keys()];
  }

  /** A number for the colour of a source. */
  colourOf(source: string): number {
    return (this.#sources.get(source) ?? 0) % 6;
  }

  take(event: LogEvent): void {
    const source = this.#know(`${event.pod}/${event.container}`);
    for (const [index, text] of event.lines.entries()) {
      const at = event.timestamps?.[index] ?? event.timestamp;
      const last = this.#rows.at(-1);
      if (index === 0 && event.continues === true && last?.source === source && !last.gap) {
        this.#rows[this.#rows.length - 1] = { ...last, text: last.text + text };
      } else this.#rows.push({ text, source, at, gap: false });
    }
    this.#changed();
  }

  takeGap({ pod, container, message, after }: LogGapEvent): void {
    this.#rows.push({ text: message, source: this.#know(`${pod}/${container}`), at: after ?? '', gap: true });
    this.#changed();
  }

  /** A text as the API gives it, each line with the moment it was written before it. */
  takeText(text: string, source: string): void {
    const known = this.#know(source);
    const lines = text.split('\n');
    if (lines.at(-1) === '') lines.pop();
    for (const line of lines) {
      const [, named, at = '', rest = line] =
        /^(?:\[([^\]]+)\] )?(\d{4}-\d\d-\d\dT[\d:.]+Z) (.*)$/s.exec(line) ?? [];
      this.#rows.push({
        text: rest,
        source: named === undefined ? known : this.#know(named),
        at,
        gap: false,
      });
    }
    this.#changed();
  }

  clear(): void {
    this.#rows = [];
    this.#dropped = 0;
    this.#sources.clear();
    this.#changed();
  }

  /** Hears of changes, at most once a frame. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #know(source: string): string {
    if (!this.#sources.has(source)) this.#sources.set(source, this.#sources.size);
    return source;
  }

  #changed(): void {
    // A tenth at a time: taking single rows off the front of a long list is slow.
    if (this.#rows.length > this.#limit) {
      const excess = this.#rows.length - Math.floor(this.#limit * 0.9);
      this.#rows.splice(0, excess);
      this.#dropped += excess;
    }
    this.#version += 1;
    for (const listener of this.#listeners) listener();
  }
}

export interface LogFilter {
  /** A text that must occur, in upper or lower case; all rows when empty. */
  only: string;
  /** Sources that are left out. */
  hidden: ReadonlySet<string>;
}

/** The rows that a filter lets through; places where lines are missing always are. */
export function filtered(rows: readonly LogRow[], { only, hidden }: LogFilter): readonly LogRow[] {
  if (only === '' && hidden.size === 0) return rows;
  const wanted = only.toLowerCase();
  return rows.filter(
    ({ text, source, gap }) =>
      !hidden.has(source) && (gap || wanted === '' || plainOf(text).toLowerCase().includes(wanted)),
  );
}

/** Where a text occurs: indexes of rows. */
export function found(rows: readonly LogRow[], text: string): number[] {
  if (text === '') return [];
  const wanted = text.toLowerCase();
  return rows.flatMap((row, index) => (plainOf(row.text).toLowerCase().includes(wanted) ? [index] : []));
}
