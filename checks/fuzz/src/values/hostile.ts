import type { Random } from './random.js';

/** A JSON value as text, for what `JSON.stringify` cannot say. */
export class RawJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const hostileStrings: readonly string[] = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\n\r\t\u000b\u001b[31m',
  '\ufeff\u200b\u202e\u2028',
  '\ud800',
  '😀'.repeat(300),
  'é\u0301'.normalize('NFD'),
  'A'.repeat(100_000),
  '../../../../etc/passwd',
  '..\\..\\windows',
  '%00',
  '%2e%2e%2f',
  '%',
  '__proto__',
  'constructor',
  'toString',
  '$where',
  '{"$gt":""}',
  "' OR 1=1 --",
  '<script>alert(1)</script>',
  '${jndi:ldap://127.0.0.1/a}',
  '{{7*7}}',
  '$(id)',
  'null',
  'undefined',
  'NaN',
  '-1',
  '1e309',
  '0x10',
  '9'.repeat(400),
  '000000000000000000000000',
  'ffffffffffffffffffffffff',
  '2026-02-30T00:00:00.000Z',
  '+275760-09-13T00:00:00.001Z',
  'eyJhbGciOiJub25lIn0.e30.',
  'a.'.repeat(200),
  '(a+)+$',
];

const hostileValues: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  Number.MAX_SAFE_INTEGER,
  Number.MIN_SAFE_INTEGER,
  -2_147_483_649,
  4_294_967_296,
  new RawJson('1e999'),
  new RawJson('-0'),
  new RawJson('1.00000000000000000000000000001'),
  new RawJson('9'.repeat(400)),
  [],
  [null],
  Array.from({ length: 2_000 }, (_, index) => index),
  {},
  { $gt: '' },
  { $where: 'sleep(1000)' },
  { toString: 1, valueOf: 1 },
  { length: 1e9 },
  new RawJson('{"__proto__":{"admin":true}}'),
  new RawJson('{"constructor":{"prototype":{"admin":true}}}'),
  new RawJson('{"a":1,"a":2}'),
  new RawJson(`${'['.repeat(5_000)}${']'.repeat(5_000)}`),
  new RawJson(`${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`),
];

/** Text for a place where text goes: paths, queries, headers. */
export const hostileString = (random: Random): string => random.pick(hostileStrings);

/** A JSON value that somebody means ill with, or forgot to check. */
export function hostileValue(random: Random): unknown {
  return random.chance(0.5) ? hostileString(random) : random.pick(hostileValues);
}

/** JSON text of a value that may hold `RawJson`. */
export function toJson(value: unknown): string {
  if (value instanceof RawJson) return value.text;
  if (Array.isArray(value)) return `[${value.map((item) => toJson(item)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(
      ([name, member]) => `${JSON.stringify(name)}:${toJson(member)}`,
    );
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value ?? null);
}
