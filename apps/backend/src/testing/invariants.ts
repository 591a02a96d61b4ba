import { expect } from '@jest/globals';
import { resultFaults, submissionFaults } from '../audit/faults.js';
import { gradeOf } from '../grades/grade.js';
import type { StoredResult } from '../results/model.js';
import type { StoredSubmission } from '../submissions/model.js';

/** What holds of a submission at any moment, whatever was done to it in whatever order. */
export function expectValid(submission: StoredSubmission, maxAutomaticAttempts: number): void {
  expect(submissionFaults(submission)).toEqual([]);
  expect(submission.attempt - submission.requested_attempt).toBeLessThan(maxAutomaticAttempts);
}

/** What holds between two moments: nothing that was said is taken back. */
export function expectFollows(before: StoredSubmission, after: StoredSubmission): void {
  expect(after.seq).toBeGreaterThanOrEqual(before.seq);
  expect(after.attempt).toBeGreaterThanOrEqual(before.attempt);
  expect(after.history.slice(0, before.history.length)).toEqual(before.history);
}

/** A grade in force never goes, and none comes without an author; a person says why. */
export function expectGradeStands(before: StoredSubmission, after: StoredSubmission): void {
  const was = gradeOf(before);
  const is = gradeOf(after);
  if (was === null && is === null) return;
  expect(is).toMatchObject({ actor: expect.stringMatching(/^(runner|user:.+)$/), seq: expect.any(Number) });
  const { source, reason } = is ?? {};
  expect(source === 'attempt' ? 'graded' : reason).toEqual(expect.any(String));
}

/** Each result was taken once or not at all, and what is graded was graded by one. */
export function expectResultsCounted(submission: StoredSubmission, results: readonly StoredResult[]): void {
  expect(resultFaults(submission, results)).toEqual([]);
}
