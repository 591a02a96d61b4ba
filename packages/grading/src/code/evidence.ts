import { type Handed, type Part, partsOf } from './parts.js';
import { tokensOf } from './lexer.js';
import { visibleCode } from './visible.js';

/** Longest quotation that is kept, in characters (the contract's limit). */
const maxLength = 2_000;

/**
 * Characters of code, white space aside, that a quotation must hold to be worth points: a bracket or a name proves
 * nothing. A submission that is shorter need not be quoted beyond its end.
 */
export const minCodeCharacters = 5;

/** Places of a quotation that are looked at: one of them must be code. */
const maxPlaces = 1_000;

/** Where a quotation stands. Lines are counted from 1; a line ends with \n, \r or both. */
export interface Location {
  file: string;
  start_line: number;
  end_line: number;
}

/** A quotation that occurs in the submission, the first place where it is code if it is anywhere. */
export interface Quotation extends Location {
  /** Trimmed and cut to size. */
  text: string;
  isCode: boolean;
}

/** Tells quotations that are in the submission from those that are not; white space does not count. */
export class Evidence {
  private readonly texts: readonly SqueezedText[];
  private readonly needed: number;

  constructor(handed: Handed) {
    this.texts = partsOf(handed).map((part) => new SqueezedText(part));
    const code = this.texts.reduce((sum, text) => sum + text.codeCharacters, 0);
    this.needed = Math.max(1, Math.min(minCodeCharacters, code));
  }

  /** Where a quotation stands; null when it does nowhere. */
  find(quotation: string | null): Quotation | null {
    if (quotation === null) return null;
    const text = visibleCode(quotation).trim().slice(0, maxLength).toWellFormed();
    const sought = squeeze(text);
    if (sought === '') return null;
    const found = this.texts.flatMap((one) => one.find(sought, this.needed) ?? []);
    const [place] = [...found.filter(({ isCode }) => isCode), ...found];
    return place === undefined ? null : { text, ...place };
  }

  /** The quotation, trimmed and cut to size, when it occurs in the submission; else null. */
  verified(quotation: string | null): string | null {
    return this.find(quotation)?.text ?? null;
  }

  /** Whether the quotation occurs as code, and not within comments and strings alone. */
  isCode(quotation: string | null): boolean {
    return this.find(quotation)?.isCode ?? false;
  }
}

/** A file without its white space. */
class SqueezedText {
  private readonly path: string;
  private readonly squeezed: string;
  /** For every place in it, the characters of code before it. */
  private readonly codeBefore: Uint32Array;
  /** For every line of the file, the place in it where the line begins. */
  private readonly lineStarts: readonly number[];

  constructor({ path, text: given, language }: Part) {
    this.path = path;
    const text = visibleCode(given);
    const kept: string[] = [];
    const isCode: boolean[] = [];
    const tokens =
      language === null ? [{ kind: 'string', start: 0, end: text.length }] : tokensOf(text, language);
    for (const { kind, start, end } of tokens) {
      const part = squeeze(text.slice(start, end));
      kept.push(part);
      for (let at = 0; at < part.length; at += 1) isCode.push(kind === 'code');
    }
    this.squeezed = kept.join('');
    this.codeBefore = new Uint32Array(isCode.length + 1);
    for (const [at, counts] of isCode.entries()) {
      this.codeBefore[at + 1] = (this.codeBefore[at] ?? 0) + Number(counts);
    }
    let before = 0;
    this.lineStarts = text.split('\n').map((line) => {
      const start = before;
      before += squeeze(line).length;
      return start;
    });
  }

  get codeCharacters(): number {
    return this.codeBefore.at(-1) ?? 0;
  }

  /** The first place that holds enough code, or else the first of all. */
  find(sought: string, needed: number): (Location & { isCode: boolean }) | undefined {
    const first = this.squeezed.indexOf(sought);
    if (first === -1) return undefined;
    let at = first;
    for (let place = 0; at !== -1 && place < maxPlaces; place += 1) {
      const held = (this.codeBefore[at + sought.length] ?? 0) - (this.codeBefore[at] ?? 0);
      if (held >= needed) return { ...this.locate(at, sought.length), isCode: true };
      at = this.squeezed.indexOf(sought, at + 1);
    }
    return { ...this.locate(first, sought.length), isCode: false };
  }

  private locate(at: number, length: number): Location {
    return { file: this.path, start_line: this.lineOf(at), end_line: this.lineOf(at + length - 1) };
  }

  /** The last line that begins at or before a place: empty ones before it begin there too. */
  private lineOf(at: number): number {
    let [from, to] = [0, this.lineStarts.length];
    while (to - from > 1) {
      const middle = (from + to) >> 1;
      if ((this.lineStarts[middle] ?? 0) <= at) from = middle;
      else to = middle;
    }
    return from + 1;
  }
}

const squeeze = (text: string): string => text.replaceAll(/\s+/g, '');
