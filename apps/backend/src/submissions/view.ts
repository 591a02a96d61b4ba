import {
  type GradeStep,
  type HistoryEntry,
  type QueuePlace,
  type RunnerRecord,
  type Submission,
  type SubmissionEvent,
  type SubmissionSummary,
  currentCode,
  isFinal,
} from '@cloudemy/contracts';
import { projectionOf } from '@cloudemy/mongo';
import type { z } from 'zod';
import { type ShowFailure, attemptsView, failureView } from './attempts-view.js';
import type { Sees } from '../courses/sight.js';
import { gradeOf, gradeView } from '../grades/grade.js';
import { isOnlyOfGrade, stepOf } from '../grades/history.js';
import {
  FormerGrade,
  Snapshot,
  StoredGrade,
  type StoredGradeStep,
  type StoredHistoryEntry,
  StoredSubmission,
} from './model.js';
import { filesView, partsIn } from '../files/view.js';

/** What a reader is shown is made of this: without the texts of the assignment, and what only machines need. */
const Readable = StoredSubmission.omit({
  outbox: true,
  not_before: true,
  deadline_at: true,
  given_back: true,
  request_id: true,
  traceparent: true,
  untold: true,
}).extend({ assignment: Snapshot.pick({ version: true }), ...FormerGrade.shape });
export type Readable = z.output<typeof Readable>;
export const readableOnly = projectionOf(StoredSubmission, Readable);

/** What lists show; the rest of a submission can be large. */
const Listed = Readable.omit({
  code: true,
  files: true,
  history: true,
  metrics: true,
  feedback: true,
  criteria: true,
}).extend({
  grade: StoredGrade.omit({ feedback: true, criteria: true }).nullable().optional(),
});
export type Listed = z.output<typeof Listed>;
export const listedOnly = projectionOf(StoredSubmission, Listed);

/** @param sees whether this reader sees the grade: what `courses/sight.ts` says */
export function summaryView(submission: Listed, sees: Sees): SubmissionSummary {
  const { waiting } = submission;
  const inForce = gradeOf(submission);
  const shown = sees(submission);
  const grade = shown ? inForce : null;
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
    grade_withheld: inForce !== null && !shown,
    failure: failureView(submission.failure),
    waiting:
      waiting === null
        ? null
        : { ...waiting, code: currentCode(waiting.code), since: waiting.since.toISOString() },
    created_at: submission.created_at.toISOString(),
    updated_at: submission.updated_at.toISOString(),
    finished_at: submission.finished_at?.toISOString() ?? null,
    erased_at: submission.erased_at?.toISOString() ?? null,
  };
}

/**
 * @param sees whether this reader sees the grade: what `courses/sight.ts` says
 * @param queue where it stands, if that was asked
 * @param show how failures are shown to this reader
 */
export function submissionView(
  submission: Readable,
  sees: Sees,
  queue: QueuePlace | null = null,
  show: ShowFailure = failureView,
): Submission {
  const shown = sees(submission);
  const grade = shown ? gradeOf(submission) : null;
  return {
    ...summaryView(submission, sees),
    failure: show(submission.failure),
    code: submission.code,
    files: filesView(submission),
    feedback: grade?.feedback ?? null,
    criteria: grade?.criteria ?? [],
    metrics: shown ? submission.metrics : null,
    queue,
    attempts: attemptsView(submission.history, show, shown ? undefined : 'withheld'),
    history: submission.history.map((entry) => historyView(entry, shown)),
  };
}

/** What was put in force is not told to who does not see the grade, nor what a person said of it. */
function historyView(entry: StoredHistoryEntry, shown: boolean): HistoryEntry {
  const { seq, at, status, attempt, actor, failure } = entry;
  const step = shown ? stepOf(entry) : null;
  const reason = shown || !isOnlyOfGrade(entry) ? entry.reason : null;
  return {
    seq,
    at: at.toISOString(),
    status,
    attempt,
    actor,
    reason,
    failure: failureView(failure),
    grade: step === null ? null : stepView(step),
  };
}

function stepView({ decision_id: _, ...step }: StoredGradeStep): GradeStep {
  return step;
}

/**
 * @param shown whether this reader sees the grade
 * @param isLast whether nothing follows it so far: a final state that a regrade has left is not final
 */
export function eventView(
  submissionId: string,
  entry: StoredHistoryEntry,
  shown: boolean,
  isLast: boolean,
): SubmissionEvent {
  return {
    submission_id: submissionId,
    ...historyView(entry, shown),
    final: isLast && isFinal(entry.status),
    // Of a draft its student learns no more than that it is over.
    score: entry.draft === true || !shown ? null : entry.score,
    max_score: entry.max_score,
  };
}

function recordFiles({ files }: StoredSubmission): Pick<RunnerRecord, 'files' | 'unread'> {
  if (files === undefined) return {};
  const unread = files.filter(({ start }) => start === null).map(({ path }) => path);
  return { files: partsIn(files), unread };
}

/** What the runner of the current attempt needs. */
export function runnerRecord(submission: StoredSubmission): RunnerRecord {
  const { version, title, description, rubric } = submission.assignment;
  return {
    submission_id: String(submission._id),
    attempt: submission.attempt,
    language: submission.language,
    code: submission.code,
    ...recordFiles(submission),
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
