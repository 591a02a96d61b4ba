import { visibleCode } from '../prompt/code.js';

/** Longest quotation that is kept, in characters (the contract's limit). */
const maxLength = 2_000;

/** Tells quotations that are in the code from those that are not; white space does not count. */
export class Evidence {
  private readonly code: string;

  constructor(code: string) {
    this.code = squeeze(visibleCode(code));
  }

  /** The quotation, trimmed and cut to size, when it occurs in the code; else null. */
  verified(quotation: string | null): string | null {
    if (quotation === null) return null;
    const text = visibleCode(quotation).trim();
    const sought = squeeze(text);
    return sought !== '' && this.code.includes(sought) ? text.slice(0, maxLength).toWellFormed() : null;
  }
}

const squeeze = (text: string): string => text.replaceAll(/\s+/g, '');
