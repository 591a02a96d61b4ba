import type { Random } from './random.js';
import { UnsatisfiableSchema } from './resolve.js';

const PRINTABLE = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index));
/** Repeats written for `*`, `+` and `{n,}`: enough to look like text, short enough to read. */
const OPEN_REPEATS = 3;
const MAX_REPEATS = 1000;

/**
 * A string that matches a regular expression of literals, classes, groups, alternatives and quantifiers.
 * @throws UnsatisfiableSchema for expressions beyond that (look-around, back-references) or invalid ones.
 */
export function stringFor(pattern: string, random: Random): string {
  const check = compile(pattern);
  const text = new PatternWriter(pattern, random).alternatives();
  if (!check.test(text)) throw new UnsatisfiableSchema(`cannot write a string for pattern ${pattern}`);
  return text;
}

function compile(pattern: string): RegExp {
  try {
    return new RegExp(pattern, 'u');
  } catch (cause) {
    throw new UnsatisfiableSchema(`pattern ${pattern} is not a regular expression`, { cause });
  }
}

/** Reads the expression left to right and writes one match as it goes. */
class PatternWriter {
  private at = 0;

  private readonly source: string;
  private readonly random: Random;

  constructor(source: string, random: Random) {
    this.source = source;
    this.random = random;
  }

  /** Writes the first alternative of several separated by `|`, up to `)` or the end. */
  alternatives(): string {
    const first = this.sequence();
    while (this.source[this.at] === '|') {
      this.at += 1;
      this.sequence();
    }
    return first;
  }

  private sequence(): string {
    let text = '';
    while (this.at < this.source.length && !'|)'.includes(this.source[this.at] ?? '')) {
      const write = this.atom();
      const repeats = this.quantifier();
      for (let count = 0; count < repeats; count += 1) text += write();
    }
    return text;
  }

  private atom(): () => string {
    const sign = this.source[this.at++] ?? '';
    if (sign === '^' || sign === '$') return () => '';
    if (sign === '.') return () => this.choose(PRINTABLE.filter((letter) => /[a-z]/.test(letter)));
    if (sign === '[') return this.characterClass();
    if (sign === '(') {
      if (this.source.startsWith('?:', this.at)) this.at += 2;
      else if (/^\?<[A-Za-z_]\w*>/.test(this.source.slice(this.at))) {
        this.at = this.source.indexOf('>', this.at) + 1;
      } else if (this.source[this.at] === '?') {
        throw new UnsatisfiableSchema(`pattern ${this.source} looks around, which is not supported`);
      }
      const text = this.alternatives();
      this.at += 1;
      return () => text;
    }
    if (sign === '\\') return this.escaped();
    return () => sign;
  }

  private escaped(): () => string {
    const letter = this.source[this.at++] ?? '';
    if (letter === 'b' || letter === 'B') return () => '';
    if (/[dwsDWS]/.test(letter)) return this.anyOf(new RegExp(`\\${letter}`, 'u'));
    const controls: Record<string, string> = { n: '\n', t: '\t', r: '\r' };
    return () => controls[letter] ?? letter;
  }

  private characterClass(): () => string {
    const start = this.at - 1;
    while (this.at < this.source.length && this.source[this.at] !== ']') {
      this.at += this.source[this.at] === '\\' ? 2 : 1;
    }
    this.at += 1;
    return this.anyOf(new RegExp(this.source.slice(start, this.at), 'u'));
  }

  private anyOf(allowed: RegExp): () => string {
    const letters = PRINTABLE.filter((letter) => allowed.test(letter));
    return () => this.choose(letters);
  }

  private choose(letters: string[]): string {
    const [first, ...rest] = letters;
    if (first === undefined)
      throw new UnsatisfiableSchema(`pattern ${this.source} allows no plain character`);
    return this.random.pick([first, ...rest]);
  }

  private quantifier(): number {
    const found = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/.exec(this.source.slice(this.at, this.at + 24));
    if (found === null) return 1;
    this.at += found[0].length;
    if (found[0].startsWith('?')) return 1;
    const least = found[1] === undefined ? 1 : Number(found[1]);
    const most =
      found[2] === '' ? least : Number(found[3] === '' ? OPEN_REPEATS : (found[3] ?? OPEN_REPEATS));
    if (least > MAX_REPEATS) throw new UnsatisfiableSchema(`pattern ${this.source} repeats too often`);
    return Math.max(least, Math.min(most, least + OPEN_REPEATS));
  }
}
