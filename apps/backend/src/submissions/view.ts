import {
  type HistoryEntry,
  type QueuePlace,
  type RunnerRecord,
  type Submission,
  type SubmissionEvent,
  type SubmissionSummary,
  currentCode,
  isFinal,
} from '@cloudemy/contracts';
import { type ShowFailure, attemptsView, failureView } from './attempts-view.js';
import { type Graded, gradeOf, gradeView } from './grade.js';
import type { StoredHistoryEntry, StoredSubmission } from './model.js';

/** What lists show; the rest of a submission can be large. */
export const summaryFields = {
  _id: 1,
  assignment_id: 1,
  'assignment.version': 1,
  user_id: 1,
  submitted_by: 1,
  language: 1,
  code_bytes: 1,
  status: 1,
  attempt: 1,
  max_score: 1,
  'grade.attempt': 1,
  'grade.assignment_version': 1,
  'grade.score': 1,
  'grade.max_score': 1,
  'grade.fail_tags': 1,
  'grade.graded_at': 1,
  // Where an earlier version kept the grade.
  score: 1,
  fail_tags: 1,
  failure: 1,
  waiting: 1,
  created_at: 1,
  updated_at: 1,
  finished_at: 1,
} as const;

export type StoredSummary = Pick<StoredSubmission, keyof typeof summaryFields & keyof StoredSubmission> &
  Graded;

export function summaryView(submission: StoredSummary): SubmissionSummary {
  const { waiting } = submission;
  const grade = gradeOf(submission);
  return {
    submission_id: String(submission._id),
    assignment_id: String(submission.assignment_id),
    assignment_version: submission.assignment.version,
    user_id: String(submission.user_id),
    submitted_by: submission.submitted_by === undefined ? null : String(submission.submitted_by),
    language: submission.language,
    code_bytes: submission.code_bytes,
    status: submission.status,
    attempt: submission.attempt,
    score: grade?.score ?? null,
    max_score: grade?.max_score ?? submission.max_score,
    fail_tags: grade?.fail_tags ?? [],
    grade: gradeView(grade),
    failure: failureView(submission.failure),
    waiting:
      waiting === null
        ? null
        : { ...waiting, code: currentCode(waiting.code), since: waiting.since.toISOString() },
    created_at: submission.created_at.toISOString(),
    updated_at: submission.updated_at.toISOString(),
    finished_at: submission.finished_at?.toISOString() ?? null,
  };
}

/**
 * @param queue where it stands, if that was asked
 * @param show how failures are shown to this reader
 */
export function submissionView(
  submission: StoredSubmission,
  queue: QueuePlace | null = null,
  show: ShowFailure = failureView,
): Submission {
  const grade = gradeOf(submission);
  return {
    ...summaryView(submission),
    failure: show(submission.failure),
    code: submission.code,
    feedback: grade?.feedback ?? null,
    criteria: grade?.criteria ?? [],
    metrics: submission.metrics,
    queue,
    attempts: attemptsView(submission.history, show),
    history: submission.history.map(historyView),
  };
}

function historyView(entry: StoredHistoryEntry): HistoryEntry {
  const { seq, at, status, attempt, actor, reason, failure } = entry;
  return { seq, at: at.toISOString(), status, attempt, actor, reason, failure: failureView(failure) };
}

/**
 * @param isLast whether nothing follows it so far: a final state that a regrade has left is not final
 */
export function eventView(submissionId: string, entry: StoredHistoryEntry, isLast: boolean): SubmissionEvent {
  return {
    submission_id: submissionId,
    ...historyView(entry),
    final: isLast && isFinal(entry.status),
    score: entry.score,
    max_score: entry.max_score,
  };
}

/** What the runner of the current attempt needs. */
export function runnerRecord(submission: StoredSubmission): RunnerRecord {
  const { version, title, description, rubric } = submission.assignment;
  return {
    submission_id: String(submission._id),
    attempt: submission.attempt,
    language: submission.language,
    code: submission.code,
    assignment: {
      assignment_id: String(submission.assignment_id),
      version,
      title,
      description,
      rubric,
    },
    created_at: submission.created_at.toISOString(),
  };
}
