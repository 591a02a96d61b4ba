import { BSONRegExp } from 'bson';
import { CommandError } from '../errors.js';

const OPTIONS = /^[imsxu]*$/;

/** True for both forms a regular expression arrives in. */
export function isRegex(value: unknown): value is RegExp | BSONRegExp {
  return value instanceof RegExp || value instanceof BSONRegExp;
}

/**
 * Compiles a pattern of a query. The dialect is JavaScript's, not PCRE: `x` strips white space and comments.
 * @throws CommandError 51091 for a pattern that does not compile, 51108 for unknown options
 */
export function compileRegex(source: unknown, options?: unknown): RegExp {
  const pattern = isRegex(source) ? (source instanceof RegExp ? source.source : source.pattern) : source;
  if (typeof pattern !== 'string') throw new CommandError(2, '$regex has to be a string');
  const own = isRegex(source) ? (source instanceof RegExp ? source.flags : source.options) : '';
  const flags = options === undefined ? own : options;
  if (typeof flags !== 'string') throw new CommandError(2, '$options has to be a string');
  if (!OPTIONS.test(flags)) throw new CommandError(51108, `invalid flag in regex options: ${flags}`);
  const body = flags.includes('x') ? pattern.replaceAll(/\\.|\s+|#.*$/gm, keepEscapes) : pattern;
  try {
    return new RegExp(body, [...new Set(flags)].filter((flag) => 'ims'.includes(flag)).join(''));
  } catch (error) {
    throw new CommandError(51091, `Regular expression is invalid: ${pattern}`, {}, { cause: error });
  }
}

function keepEscapes(text: string): string {
  return text.startsWith('\\') ? text : '';
}
