import { expect } from '@jest/globals';
import { isFinal } from '@cloudemy/contracts';
import type { StoredResult } from '../results/model.js';
import type { StoredSubmission } from '../submissions/model.js';
import { transitionBetween } from '../submissions/states.js';

/** What holds of a submission at any moment, whatever was done to it in whatever order. */
export function expectValid(submission: StoredSubmission, maxAutomaticAttempts: number): void {
  const { history, status, attempt, seq } = submission;
  expect(history.map((entry) => entry.seq)).toEqual(history.map((_, index) => index + 1));
  expect(history.at(-1)).toMatchObject({ status, attempt, seq });
  for (const [index, entry] of history.entries()) {
    const before = history[index - 1];
    if (before === undefined) continue;
    const made = transitionBetween(before, entry);
    expect([before.status, entry.status, entry.actor.split(':')[0]]).toEqual([
      before.status,
      made?.to,
      made?.by.find((kind) => kind === entry.actor.split(':')[0]),
    ]);
  }
  const final = isFinal(status);
  expect(submission.deadline_at === undefined).toBe(final);
  expect(submission.finished_at === null).toBe(!final);
  if (submission.outbox !== null) expect([status, submission.outbox.attempt]).toEqual(['queued', attempt]);
  expect(submission.score === null).toBe(status !== 'graded');
  expect(submission.failure === null).toBe(status !== 'failed');
  expect(attempt - submission.requested_attempt).toBeLessThan(maxAutomaticAttempts);
}

/** What holds between two moments: nothing that was said is taken back. */
export function expectFollows(before: StoredSubmission, after: StoredSubmission): void {
  expect(after.seq).toBeGreaterThanOrEqual(before.seq);
  expect(after.attempt).toBeGreaterThanOrEqual(before.attempt);
  expect(after.history.slice(0, before.history.length)).toEqual(before.history);
}

/** Each result was taken once or not at all, and what is graded was graded by one. */
export function expectResultsCounted(submission: StoredSubmission, results: readonly StoredResult[]): void {
  const taken = submission.history.flatMap(({ result_id: id }) => (id === null ? [] : [id]));
  expect(new Set(taken).size).toBe(taken.length);
  const accepted = results.filter((result) => result.accepted === true).map((result) => result._id);
  expect(accepted.toSorted()).toEqual(taken.toSorted());
  for (const entry of submission.history) {
    if (entry.status === 'graded') expect(entry.result_id).toBe(`${String(submission._id)}-${entry.attempt}`);
  }
}
