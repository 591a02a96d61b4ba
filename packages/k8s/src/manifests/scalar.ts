/**
 * What an unquoted word means, by the rules of the YAML library that the API server and kubectl use (YAML 1.1
 * without dates and base 60): `yes` and `off` are booleans, `0644` is octal, `1e3` a number. Another reading
 * would send values that kubectl would not.
 */

const NULLS = new Set(['', '~', 'null', 'Null', 'NULL']);
const TRUE = new Set(['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON']);
const FALSE = new Set(['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF']);
const NOT_FINITE = /^([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$/;
const INTEGER = /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/;
const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;

/** A number that JSON or a double cannot hold exactly: sending it on would change it. */
export class NumberNotExactError extends Error {
  override readonly name = 'NumberNotExactError';
}

/**
 * The value of a plain (unquoted) scalar.
 * @throws {NumberNotExactError}
 */
export function resolvePlain(source: string): string | number | boolean | null {
  if (NULLS.has(source)) return null;
  if (TRUE.has(source)) return true;
  if (FALSE.has(source)) return false;
  if (NOT_FINITE.test(source)) throw new NumberNotExactError(`${source} cannot be written in JSON`);
  if (!/^[-+.0-9]/.test(source)) return source;
  const plain = source.replaceAll('_', '');
  const integer = INTEGER.exec(plain);
  if (integer !== null) return toInteger(source, integer[1] ?? '', integer[2] ?? '');
  if (!FLOAT.test(plain)) return source;
  const value = Number(plain);
  if (!Number.isFinite(value)) throw new NumberNotExactError(`${source} is too large for a number`);
  return value;
}

function toInteger(source: string, sign: string, digits: string): number {
  const octal = /^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits;
  const value = Number(octal) * (sign === '-' ? -1 : 1);
  if (Number.isSafeInteger(value)) return value;
  throw new NumberNotExactError(`${source} has more digits than are carried exactly`);
}
