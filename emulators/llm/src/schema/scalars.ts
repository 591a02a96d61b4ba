import { STAND_IN_MARK } from '../text.js';
import type { JsonObject } from '../json.js';
import { stringFor } from './pattern.js';
import type { Random } from './random.js';
import { UnsatisfiableSchema } from './resolve.js';

/** One valid value for each `format` of JSON Schema that OpenAI's structured output knows. */
const FORMATS: Record<string, string> = {
  'date-time': '2026-01-01T00:00:00Z',
  date: '2026-01-01',
  time: '12:00:00Z',
  duration: 'PT1H',
  email: 'stand-in@example.com',
  hostname: 'stand-in.example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://example.com/stand-in',
  uuid: '00000000-0000-4000-8000-000000000000',
};
/** Longest string or list this stand-in writes; a schema that wants more is refused. */
export const MAX_LENGTH = 10_000;

/** A string within `format`, `pattern`, `minLength` and `maxLength`. */
export function generateString(schema: JsonObject, random: Random): string {
  const least = numberAt(schema, 'minLength') ?? 0;
  const most = numberAt(schema, 'maxLength') ?? Infinity;
  if (least > most || least > MAX_LENGTH) throw new UnsatisfiableSchema(`no string of ${least} characters`);
  if (typeof schema['pattern'] === 'string') {
    const text = stringFor(schema['pattern'], random);
    if (text.length < least || text.length > most) {
      throw new UnsatisfiableSchema(`cannot write a string for pattern ${schema['pattern']} of that length`);
    }
    return text;
  }
  const format = typeof schema['format'] === 'string' ? FORMATS[schema['format']] : undefined;
  if (format !== undefined) return format;
  return `${STAND_IN_MARK} text`.padEnd(least, '.').slice(0, Math.min(most, MAX_LENGTH));
}

/**
 * A number within the bounds, a multiple of `multipleOf` when asked, whole when `integer`.
 * @throws UnsatisfiableSchema when no number lies within the bounds.
 */
export function generateNumber(schema: JsonObject, integer: boolean, random: Random): number {
  const step = numberAt(schema, 'multipleOf') ?? (integer ? 1 : 0.25);
  const above = numberAt(schema, 'exclusiveMinimum');
  const below = numberAt(schema, 'exclusiveMaximum');
  const low = Math.max(numberAt(schema, 'minimum') ?? -Infinity, above ?? -Infinity);
  const high = Math.min(numberAt(schema, 'maximum') ?? Infinity, below ?? Infinity);
  const fits = (value: number): boolean =>
    value >= low &&
    value <= high &&
    value !== above &&
    value !== below &&
    (!integer || Number.isInteger(value));

  const anchor = Number.isFinite(low) ? low : Math.min(0, high);
  const first = Math.ceil(anchor / step);
  const drawn = [first + random.integer(0, 4), ...Array.from({ length: 32 }, (_, index) => first + index)];
  const down = Array.from({ length: 32 }, (_, index) => first - index);
  const found = [...drawn, ...down].map((count) => count * step + 0).find(fits);
  if (found !== undefined) return found;
  if (!integer && schema['multipleOf'] === undefined && fits((low + high) / 2)) return (low + high) / 2;
  throw new UnsatisfiableSchema(`no number lies between ${low} and ${high}`);
}

/** The number under a keyword, or undefined when there is none. */
export function numberAt(schema: JsonObject, keyword: string): number | undefined {
  const value = schema[keyword];
  return typeof value === 'number' ? value : undefined;
}
