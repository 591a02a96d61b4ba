import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Instant, pageQuery, wholeNumber } from './primitives.js';

test('a number in a query is what everybody takes for it', () => {
  fc.assert(
    fc.property(fc.nat(1_000), (n) => {
      expect(wholeNumber(0, 1_000).parse(String(n))).toBe(n);
    }),
  );
});

test.each(['0x10', '1e1', ' 5', '5 ', '+5', '-5', '1.0', '', '٥', '1_0', '99999999999999999999'])(
  'and %j is none',
  (text) => {
    expect(wholeNumber(1, 200).safeParse(text).success).toBe(false);
  },
);

test('a number given twice is told so', () => {
  expect(pageQuery.limit.safeParse(['1', '2']).error?.issues[0]?.message).toBe('is given more than once');
});

test('an instant may have any offset, also with a plus sign that was not encoded', () => {
  for (const text of ['2026-01-31T21:00:00+09:00', '2026-01-31T21:00:00 09:00', '2026-01-31T12:00:00Z']) {
    expect(Instant.parse(text)).toBe('2026-01-31T12:00:00.000Z');
  }
  expect(Instant.safeParse('yesterday').error?.issues[0]?.message).toMatch(/such as 2026/);
});
