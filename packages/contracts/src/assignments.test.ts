import { expect, test } from '@jest/globals';
import { AssignmentCreate, AssignmentUpdate, Rubric, maxScore } from './assignments.js';
import { SubmissionCreate } from './submissions.js';
import { ResultCallback } from './grading/result.js';

const assignment = {
  title: 'Fizz',
  description: 'Print fizz.',
  language: 'python',
  rubric: { criteria: [{ criterion_id: 'works', title: 'It works', points: 3 }] },
};

test('an assignment gets its defaults', () => {
  const parsed = AssignmentCreate.parse(assignment);
  expect(parsed.limits).toEqual({ max_code_bytes: null });
  expect(parsed.rubric.criteria[0]).toMatchObject({ fail_tag: null, description: '' });
  expect(maxScore(parsed.rubric)).toBe(3);
});

test('a rubric cannot name a criterion twice, and says where', () => {
  const [criterion] = assignment.rubric.criteria;
  const outcome = AssignmentCreate.safeParse({ ...assignment, rubric: { criteria: [criterion, criterion] } });
  expect(outcome.error?.issues[0]).toMatchObject({ path: ['rubric', 'criteria', 1, 'criterion_id'] });
});

test('an update changes something, and leaves out what it does not name', () => {
  expect(AssignmentUpdate.safeParse({ version: 1 }).success).toBe(false);
  expect(AssignmentUpdate.parse({ title: 'New' })).toEqual({ title: 'New' });
});

test('code that is blank or not Unicode is refused', () => {
  const submission = { assignment_id: 'a'.repeat(24), code: 'print(1)' };
  expect(SubmissionCreate.safeParse(submission).success).toBe(true);
  expect(SubmissionCreate.safeParse({ ...submission, code: ' \n' }).success).toBe(false);
  expect(SubmissionCreate.safeParse({ ...submission, code: 'x\ud800' }).success).toBe(false);
  expect(SubmissionCreate.safeParse({ ...submission, extra: 1 }).success).toBe(false);
});

test('a callback with only the fields of the requirements is a grade', () => {
  const body = { score: 2, fail_tags: ['x'], feedback: 'ok', metrics: { tokens: 12 } };
  expect(ResultCallback.parse(body)).toMatchObject({ status: 'graded', score: 2, criteria: [] });
  expect(ResultCallback.safeParse({ status: 'failed', score: 2 }).success).toBe(false);
});

test('ten criteria of a tenth of a point are one point', () => {
  const criteria = Array.from({ length: 10 }, (_, n) => ({
    criterion_id: `c${n}`,
    title: 'One',
    points: 0.1,
  }));
  expect(maxScore(Rubric.parse({ criteria }))).toBe(1);
});
