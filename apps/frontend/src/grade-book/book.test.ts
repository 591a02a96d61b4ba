import { describe, expect, test } from '@jest/globals';
import type { SubmissionSummary } from '@cloudemy/contracts';
import { csvOf, isShown, rowsOf, sorted, spread } from './book.ts';

const columns = [
  { id: 'a', title: 'One, two', max: 10 },
  { id: 'b', title: 'Two', max: 5 },
];
const students = [
  { user: 'u1', name: 'Ida', section: null },
  { user: 'u2', name: '김하나', section: 's' },
  { user: 'u3', name: '=SUM(A1)', section: null },
];
const handedIn = (
  user_id: string,
  assignment_id: string,
  score: number | null,
  minute: number,
): SubmissionSummary => ({
  submission_id: `${user_id}${assignment_id}${minute}`,
  assignment_id,
  assignment_version: 1,
  user_id,
  submitted_by: user_id,
  language: 'python',
  code_bytes: 1,
  status: score === null ? 'cancelled' : 'graded',
  attempt: 1,
  score,
  max_score: 10,
  fail_tags: score === 3 ? ['untested'] : [],
  grade: null,
  grade_withheld: false,
  failure: null,
  waiting: null,
  created_at: new Date(minute * 60_000).toISOString(),
  updated_at: new Date(minute * 60_000).toISOString(),
  finished_at: null,
  erased_at: null,
});
const submissions = [
  handedIn('u1', 'a', 3, 2),
  handedIn('u1', 'a', 8, 1),
  handedIn('u1', 'b', null, 1),
  handedIn('u2', 'a', 10, 1),
  handedIn('u2', 'b', 2.5, 1),
];
const book = (counting: 'best' | 'last') => rowsOf(students, columns, submissions, counting);

test('best or last counts, and who handed in nothing is there too', () => {
  expect(book('best').map(({ sum }) => sum)).toEqual([8, 12.5, 0]);
  expect(book('last').map(({ sum }) => sum)).toEqual([3, 12.5, 0]);
  expect(book('best')[0]?.cells).toMatchObject([{ score: 8, tries: 2 }, null]);
});

test('whoever has nothing is last, whichever way it is sorted', () => {
  const names = (down: boolean) => sorted(book('best'), { by: 1, down }, 'en').map(({ user }) => user);
  expect(names(true)[0]).toBe('u2');
  expect(names(false)[0]).toBe('u2');
  expect(sorted(book('best'), { by: 'sum', down: true }, 'en')[0]?.user).toBe('u2');
});

describe('what is shown', () => {
  test.each([
    ['', '', 3],
    ['하나', '', 1],
    ['IDA', '', 1],
    ['', 'missing', 2],
    ['', 'untested', 1],
  ])('search %j, only %j: %i', (search, only, count) => {
    expect(book('last').filter((row) => isShown(row, { search, only }))).toHaveLength(count);
  });
});

test('full marks are in the highest band', () => {
  expect(spread(book('best'), 0, 10)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
});

test('a CSV holds commas, names in any script, and no formula', () => {
  const text = csvOf(columns, book('best'), ['Name', 'Section', 'Sum']);
  expect(text.split('\r\n')).toEqual([
    '\uFEFFName,Section,"One, two",Two,Sum',
    'Ida,,8,,8',
    '김하나,s,10,2.5,12.5',
    "'=SUM(A1),,,,0",
    '',
  ]);
});
