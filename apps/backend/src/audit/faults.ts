import { isDeepStrictEqual } from 'node:util';
import { isFinal } from '@cloudemy/contracts';
import type { StoredResult } from '../results/model.js';
import { gradeOf } from '../grades/grade.js';
import { changesIn, isOnlyOfGrade, transitionsIn } from '../grades/history.js';
import { FormerGrade, type StoredHistoryEntry, StoredSubmission } from '../submissions/model.js';
import { transitionBetween } from '../submissions/states.js';

/**
 * What is wrong with a submission as it is stored, in words; nothing when it is as it should be. Holds at any
 * moment, whatever was done to it in whatever order.
 */
export function submissionFaults(submission: StoredSubmission): string[] {
  const { history, status, attempt, seq, outbox } = submission;
  const last = history.at(-1);
  const final = isFinal(status);
  return [
    ...schemaFaults(submission),
    ...check(
      history.every((entry, index) => entry.seq === index + 1),
      'the history does not count 1, 2, 3, …',
    ),
    ...check(
      last?.status === status && last.attempt === attempt && last.seq === seq,
      'the history does not end where the submission is',
    ),
    ...transitionsIn(history).flatMap((entry, index, all) => transitionFaults(all[index - 1], entry)),
    ...history.flatMap((entry, index) => changeFaults(history[index - 1], entry)),
    ...check((submission.deadline_at === undefined) === final, `${status}, and the deadline does not fit`),
    ...check((submission.finished_at === null) !== final, `${status}, and finished_at does not fit`),
    ...check(
      outbox === null || (status === 'queued' && outbox.attempt === attempt),
      'the outbox holds an attempt that is not queued',
    ),
    ...check(
      isDeepStrictEqual(inForce(submission), lastGrade(history)),
      'the grade in force is not the last grade',
    ),
    ...check(
      (submission.failure === null) === (status !== 'failed'),
      `${status}, and the failure does not fit`,
    ),
  ];
}

/** Fields that the schema does not know, or other than it says. */
function schemaFaults(submission: StoredSubmission): string[] {
  const outcome = StoredSubmission.extend(FormerGrade.shape).safeParse(submission);
  return outcome.success
    ? []
    : outcome.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

/** What is wrong with the results of a submission: each was taken once or not at all, and a grade comes of one. */
export function resultFaults(submission: StoredSubmission, results: readonly StoredResult[]): string[] {
  const taken = submission.history.flatMap(({ result_id: id }) => (id === null ? [] : [id]));
  const accepted = results.filter((result) => result.accepted === true).map((result) => result._id);
  return [
    ...check(new Set(taken).size === taken.length, 'a result was taken twice'),
    ...check(
      isDeepStrictEqual(accepted.toSorted(), taken.toSorted()),
      `taken are ${taken.join(', ')}; accepted are ${accepted.join(', ')}`,
    ),
    ...transitionsIn(submission.history).flatMap((entry) =>
      check(
        entry.status !== 'graded' || entry.result_id === `${String(submission._id)}-${entry.attempt}`,
        `attempt ${entry.attempt} was graded by ${entry.result_id ?? 'nothing'}`,
      ),
    ),
  ];
}

function transitionFaults(before: StoredHistoryEntry | undefined, entry: StoredHistoryEntry): string[] {
  if (before === undefined) return [];
  const made = transitionBetween(before, entry);
  const step = `${before.status} of attempt ${before.attempt} to ${entry.status} of attempt ${entry.attempt}`;
  if (made === undefined) return [`no transition leads from ${step}`];
  const actor = entry.actor.split(':')[0];
  return check(
    made.by.some((kind) => kind === actor),
    `${entry.actor} may not go from ${step}`,
  );
}

/** A change of the grade by a person moves no attempt, and says why. */
function changeFaults(before: StoredHistoryEntry | undefined, entry: StoredHistoryEntry): string[] {
  if (!isOnlyOfGrade(entry)) return [];
  const isStill = before?.status === entry.status && before.attempt === entry.attempt;
  return [
    ...check(isStill, `the change of the grade at ${entry.seq} moved the attempt`),
    ...check(
      entry.actor.startsWith('user:') && entry.reason !== null,
      `nobody changed the grade at ${entry.seq}`,
    ),
  ];
}

/** The attempt and the points of the grade in force. */
function inForce(submission: StoredSubmission): [number, number] | undefined {
  const grade = gradeOf(submission);
  return grade === null ? undefined : [grade.attempt, grade.score];
}

function lastGrade(history: readonly StoredHistoryEntry[]): [number, number | null] | undefined {
  const last = changesIn(history).at(-1);
  return last === undefined ? undefined : [last.attempt, last.score];
}

const check = (holds: boolean, fault: string): string[] => (holds ? [] : [fault]);
