import type { Language } from '@cloudemy/contracts';
import { tokensOf } from './lexer.js';
import { visibleCode } from './visible.js';

/** Longest quotation that is kept, in characters (the contract's limit). */
const maxLength = 2_000;

/**
 * Characters of code, white space aside, that a quotation must hold to be worth points: a bracket or a name proves
 * nothing. A program that is shorter need not be quoted beyond its end.
 */
export const minCodeCharacters = 5;

/** Places of a quotation that are looked at: one of them must be code. */
const maxPlaces = 1_000;

/** Tells quotations that are in the code from those that are not; white space does not count. */
export class Evidence {
  /** The program without its white space. */
  private readonly squeezed: string;
  /** For every place in it, the characters of code before it. */
  private readonly codeBefore: Uint32Array;
  private readonly needed: number;

  constructor(code: string, language: Language) {
    const text = visibleCode(code);
    const kept: string[] = [];
    const isCode: boolean[] = [];
    for (const { kind, start, end } of tokensOf(text, language)) {
      const part = squeeze(text.slice(start, end));
      kept.push(part);
      for (let at = 0; at < part.length; at += 1) isCode.push(kind === 'code');
    }
    this.squeezed = kept.join('');
    this.codeBefore = new Uint32Array(isCode.length + 1);
    for (const [at, counts] of isCode.entries()) {
      this.codeBefore[at + 1] = (this.codeBefore[at] ?? 0) + Number(counts);
    }
    this.needed = Math.max(1, Math.min(minCodeCharacters, this.codeBefore[isCode.length] ?? 0));
  }

  /** The quotation, trimmed and cut to size, when it occurs in the program; else null. */
  verified(quotation: string | null): string | null {
    if (quotation === null) return null;
    const text = visibleCode(quotation).trim().slice(0, maxLength).toWellFormed();
    const sought = squeeze(text);
    return sought !== '' && this.squeezed.includes(sought) ? text : null;
  }

  /** Whether the quotation occurs in the program as code, and not within comments and strings alone. */
  isCode(quotation: string | null): boolean {
    const sought = squeeze(this.verified(quotation) ?? '');
    if (sought === '') return false;
    let at = this.squeezed.indexOf(sought);
    for (let place = 0; at !== -1 && place < maxPlaces; place += 1) {
      const held = (this.codeBefore[at + sought.length] ?? 0) - (this.codeBefore[at] ?? 0);
      if (held >= this.needed) return true;
      at = this.squeezed.indexOf(sought, at + 1);
    }
    return false;
  }
}

const squeeze = (text: string): string => text.replaceAll(/\s+/g, '');
