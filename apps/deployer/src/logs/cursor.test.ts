import { expect, test } from '@jest/globals';
import { Cursor, type LogSource } from './cursor.js';
import { nanosOf } from './log-time.js';

const source = (number: number): LogSource => ({
  pod: `benchmark-job-${number}`,
  created: 1_790_000_000 + number,
  container: 'main',
});
const position = { time: '2026-05-06T07:08:09.123456789Z', lines: 3, characters: 0, run: 0 };

/** What whoever comes back with this cursor begins with. */
function reopened(cursor: Cursor, ...sources: LogSource[]): Cursor {
  const after = Cursor.decode(cursor.encode());
  if (after === undefined) throw new Error('no cursor');
  for (const one of sources) after.begin(one);
  return after;
}

test('times keep their nanoseconds', () => {
  const cursor = new Cursor();
  cursor.begin(source(1));
  cursor.set(source(1), position);
  expect(reopened(cursor, source(1)).get(source(1))).toEqual(position);
  expect(nanosOf('2026-05-06T09:08:09.5+02:00')).toBe(nanosOf('2026-05-06T07:08:09.500000000Z'));
});

test('what was read of ten thousand pods fits a header, with the few that are not at their end', () => {
  const cursor = new Cursor();
  // One that talks, one that never says anything, both from the beginning; the others come and go.
  for (const early of [source(0), source(1)]) cursor.begin(early);
  cursor.set(source(0), position);
  for (let number = 2; number < 10_000; number += 1) {
    cursor.begin(source(number));
    cursor.set(source(number), position);
    cursor.finish(source(number));
    cursor.settle(source(number).created);
  }
  expect(cursor.encode().length).toBeLessThan(500);
  const after = reopened(cursor);
  expect([0, 1, 2, 5_000, 9_997, 9_998, 9_999].map((number) => after.wasRead(source(number)))).toEqual([
    false,
    false,
    true,
    true,
    true,
    false,
    false,
  ]);
  const again = reopened(cursor, source(0), source(1), source(9_999), source(10_000));
  expect([0, 1, 9_999, 10_000].map((number) => again.get(source(number)))).toEqual([
    position,
    undefined,
    position,
    undefined,
  ]);
  expect(again.wasRead(source(5_000))).toBe(true);
});

test('a pod that is gone when somebody comes back is forgotten', () => {
  const cursor = new Cursor();
  cursor.begin(source(0));
  cursor.set(source(0), position);
  expect(reopened(cursor).encode()).toBe(new Cursor().encode());
});

test.each(['', 'nonsense', 'bm9uc2Vuc2U', Buffer.from('@1\na/b zzzzzzzzzzzzzzzz 1').toString('base64url')])(
  'the id %j is none',
  (id) => {
    expect(Cursor.decode(id)).toBeUndefined();
  },
);
