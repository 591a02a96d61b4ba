import { expect, test } from '@jest/globals';
import type { Grade } from '@cloudemy/contracts';
import { GradeBook } from './grades.js';

const grade: Grade = {
  source: 'attempt',
  actor: 'runner',
  reason: null,
  version: 3,
  attempt: 1,
  assignment_version: 1,
  score: 3,
  max_score: 5,
  graded_at: '2026-11-01T10:00:00.000Z',
};
const shown = (value: Grade | null) => [{ submission_id: '1', grade: value }];

test('a grade that comes and stays is in order', () => {
  const book = new GradeBook();
  for (const value of [null, grade, grade]) book.note(shown(value));
  expect(book.faults.size).toBe(0);
});

test('a grade that is taken away or changed is a fault', () => {
  for (const later of [null, { ...grade, score: 2 }, { ...grade, attempt: 2 }]) {
    const book = new GradeBook();
    book.note(shown(grade));
    book.note(shown(later));
    expect([...book.faults.keys()]).toEqual(['1']);
  }
});

test('a restored database is held to nothing that it does not know', () => {
  const book = new GradeBook();
  book.note(shown(grade));
  book.forget();
  book.note(shown(null));
  expect(book.faults.size).toBe(0);
});
