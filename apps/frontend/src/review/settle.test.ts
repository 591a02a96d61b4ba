import { expect, test } from '@jest/globals';
import { decisionOf, forEach, sumOf } from './settle.ts';
import { actionOf } from './review-keys.ts';

const criteria = [
  { criterion_id: 'a', points: 3, max_points: 5 },
  { criterion_id: 'b', points: 0, max_points: 5 },
];

test('what is not typed stays, and every criterion is decided', () => {
  const decision = decisionOf(
    criteria,
    new Map([
      ['a', ' '],
      ['b', '2.5'],
    ]),
  );
  expect(decision).toEqual([
    { criterion_id: 'a', points: 3 },
    { criterion_id: 'b', points: 2.5 },
  ]);
  expect(sumOf(decision)).toBe(5.5);
});

test('one that is refused leaves the others alone', async () => {
  const members = Array.from({ length: 9 }, (_, at) => ({ submission_id: String(at), grade_version: at }));
  const settled = await forEach(members, ({ grade_version }) =>
    grade_version === 4 ? Promise.reject(new Error('moved')) : Promise.resolve(grade_version + 1),
  );
  expect(settled).toHaveLength(9);
  expect(settled.filter(({ error }) => error !== undefined).map((one) => one.submission_id)).toEqual(['4']);
});

test('keys count while nobody types, and without Ctrl', () => {
  const plain = { ctrlKey: false, metaKey: false, altKey: false, target: null };
  expect(actionOf({ ...plain, key: 'j' })).toBe('next');
  expect(actionOf({ ...plain, key: 'j', ctrlKey: true })).toBeUndefined();
  expect(actionOf({ ...plain, key: 'q' })).toBeUndefined();
});
