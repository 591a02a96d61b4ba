import { randomInt } from 'node:crypto';

/** Crockford's base 32 (https://www.crockford.com/base32.html): nothing that is taken for something else. */
const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** 40 bits: at the rate that one user may ask, a thousand codes are met by chance in some thousand years. */
const length = 8;

export const newEntryCode = (): string =>
  Array.from({ length }, () => letters[randomInt(letters.length)]).join('');
