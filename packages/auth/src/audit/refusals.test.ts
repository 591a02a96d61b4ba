import { expect, test } from '@jest/globals';
import type { Happening } from './entry.js';
import { Refusals } from './refusals.js';

function counted() {
  const kept: Happening[] = [];
  const clock = { now: 0 };
  const refusals = new Refusals(
    (one) => kept.push(one),
    () => clock.now,
  );
  const add = (times: number, by: Partial<Happening>) => {
    for (let index = 0; index < times; index += 1) refusals.add({ event: 'updateUser', ...by });
  };
  return { kept, clock, refusals, add };
}

const total = (kept: readonly Happening[]) => kept.reduce((sum, { count = 1 }) => sum + count, 0);

test('of the refusals of one actor the first of a minute are kept, the others as one with their number', () => {
  const { kept, refusals, add } = counted();
  add(1_000, { user_id: 'mallory' });
  add(3, { user_id: 'ann' });
  expect(kept).toHaveLength(23);
  refusals.end();
  expect(kept).toHaveLength(24);
  expect(kept.at(-1)).toMatchObject({ user_id: 'mallory', count: 980 });
  expect(total(kept)).toBe(1_003);
});

test('the next minute begins anew, and says first what the last one was', () => {
  const { kept, clock, add } = counted();
  add(25, { user_id: 'mallory' });
  clock.now = 60_000;
  add(1, { user_id: 'mallory' });
  expect(kept.slice(20)).toMatchObject([{ count: 5 }, { user_id: 'mallory' }]);
});

test('many strangers at once are kept to a bound too, and none is lost from the count', () => {
  const { kept, refusals, add } = counted();
  for (let index = 0; index < 20_000; index += 1) add(1, { address: `10.0.${index >> 8}.${index & 255}` });
  refusals.end();
  expect(kept).toHaveLength(601);
  expect(kept.at(-1)).toMatchObject({ address: null, count: 19_400 });
});
