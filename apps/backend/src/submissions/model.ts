import {
  CriterionResult,
  Failure,
  GradeSource,
  GradeStep,
  Metrics,
  Rubric,
  Submission,
  SubmissionStatus,
} from '@cloudemy/contracts';
import { type IndexDescription, openCollection } from '@cloudemy/mongo';
import { type Collection, type Connection, Types } from 'mongoose';
import { z } from 'zod';
import { StoredFile } from '../files/work.js';

const Ref = z.instanceof(Types.ObjectId);
const Moment = z.date();
/** Fields that are stored as they are shown. */
const shown = Submission.shape;

/** The assignment as it was when this attempt began: what the attempt is graded by. */
export const Snapshot = z.object({
  version: z.int(),
  title: z.string(),
  description: z.string(),
  rubric: Rubric,
});
export type Snapshot = z.output<typeof Snapshot>;

/** A grade that came into force, in short. */
export const StoredGradeStep = z.object({
  ...GradeStep.shape,
  /** What a person decided; null for what the grader said of the attempt. */
  decision_id: z.string().nullable(),
});
export type StoredGradeStep = z.output<typeof StoredGradeStep>;

/** A transition, or a change of the grade by a person, with what the live event of it says. */
export const StoredHistoryEntry = z.object({
  seq: z.int(),
  at: Moment,
  status: SubmissionStatus,
  attempt: z.int(),
  actor: z.string(),
  reason: z.string().nullable(),
  score: z.number().nullable(),
  max_score: z.number(),
  fail_tags: z.array(z.string()),
  /** Why the attempt failed that this transition ended. */
  failure: Failure.nullable(),
  /** The version of the assignment that the attempt is graded by. */
  assignment_version: z.int(),
  /** The entry of the results inbox that this transition took. */
  result_id: z.string().nullable(),
  /** Of an attempt that changes no grade; absent counts as not. */
  draft: z.boolean().optional(),
  /** The grade that came into force; missing in what was stored before grades were changed by people. */
  grade: StoredGradeStep.nullable().optional(),
});
export type StoredHistoryEntry = z.output<typeof StoredHistoryEntry>;

export const StoredWaiting = z.object({ code: z.string(), message: z.string(), since: Moment });
export type StoredWaiting = z.output<typeof StoredWaiting>;

/** What a grader found out about the code. */
export const Judgement = z.object({
  score: z.number(),
  fail_tags: z.array(z.string()),
  feedback: z.string().nullable(),
  criteria: z.array(CriterionResult),
});
export type Judgement = z.output<typeof Judgement>;

/**
 * The grade in force, and the attempt that it is from. Only another grade replaces it: an attempt that waits, fails or is
 * cancelled leaves it alone.
 */
export const StoredGrade = Judgement.extend({
  attempt: z.int(),
  /** The version of the assignment that it was graded by, and the most points of that. */
  assignment_version: z.int(),
  max_score: z.number(),
  graded_at: Moment,
  // The rest is missing in what was stored before grades were changed by people.
  decision_id: z.string().nullable().optional(),
  source: GradeSource.optional(),
  actor: z.string().optional(),
  reason: z.string().nullable().optional(),
  /** The history entry that put it in force. */
  seq: z.int().optional(),
});
export type StoredGrade = z.output<typeof StoredGrade>;

/** Where versions up to 0.1.0 kept the judgement of the current attempt: beside its state, until the next began. */
export const FormerGrade = Judgement.extend({ score: z.number().nullable() }).partial();
export type FormerGrade = z.output<typeof FormerGrade>;

/** A submission as it is stored: the one place that names its fields. Shown is what `view.ts` makes of them. */
export const StoredSubmission = z.strictObject({
  _id: Ref,
  assignment_id: Ref,
  user_id: Ref,
  /** Who handed it in; absent in what was stored before this was noted. */
  submitted_by: Ref.optional(),
  language: shown.language,
  code: shown.code,
  code_bytes: shown.code_bytes,
  /** Which part of the code each file is; absent of code that was handed in as such. */
  files: z.array(StoredFile).optional(),
  assignment: Snapshot,
  status: shown.status,
  attempt: shown.attempt,
  /** The attempt that the last request of a person began; later ones were begun by themselves. */
  requested_attempt: z.int(),
  /** Attempts since then that failed as any submission's would have: they count for nothing. */
  given_back: z.int(),
  /** The bulk regrade that began this attempt. */
  regrade_id: Ref.nullable(),
  /** The current attempt changes no grade; absent counts as not. */
  draft: z.boolean().optional(),
  /** Of the newest history entry. Grows with every transition, so comparing it is comparing the state. */
  seq: z.int(),
  /** The write of many that moved it last; only that write needs to know. */
  history: z.array(StoredHistoryEntry),
  /** Set while this attempt has still to be put on the queue. */
  outbox: z.object({ attempt: z.int(), since: Moment }).nullable(),
  /** The queue holds this attempt back until then. */
  not_before: Moment.nullable(),
  /** When this state must have ended; final states have none. */
  deadline_at: Moment.optional(),
  /** Of what the current attempt is graded by. */
  max_score: z.number(),
  /** The grade in force; missing in what an earlier version stored. */
  grade: StoredGrade.nullable().optional(),
  /** Since when a person has looked at a grade of it. */
  reviewed_at: Moment.optional(),
  metrics: Metrics.nullable(),
  failure: Failure.nullable(),
  waiting: StoredWaiting.nullable(),
  /** The entry of the results inbox that ended this attempt. */
  result_id: z.string().nullable(),
  /** Of the request that began this attempt. */
  request_id: z.string(),
  traceparent: z.string().nullable(),
  created_at: Moment,
  /** When it came to its state. */
  status_since: Moment,
  updated_at: Moment,
  finished_at: Moment.nullable(),
  /** Since when its words are gone. */
  erased_at: Moment.optional(),
  /** Since when there are ends of attempts that no webhook has been told of; see `events/announcements.ts`. */
  untold: Moment.optional(),
});
export type StoredSubmission = z.output<typeof StoredSubmission>;

export type SubmissionCollection = Collection<StoredSubmission>;

export const submissionIndexes: IndexDescription[] = [
  { key: { user_id: 1, _id: -1 } },
  { key: { assignment_id: 1, _id: -1 } },
  // What somebody handed in to an assignment stands together.
  { key: { assignment_id: 1, user_id: 1, _id: -1 } },
  { key: { user_id: 1, finished_at: 1 } },
  { key: { status: 1, _id: -1 } },
  { key: { assignment_id: 1, finished_at: 1 } },
  { key: { assignment_id: 1, 'grade.graded_at': 1 } },
  // Holds only those with something in the outbox.
  { key: { 'outbox.since': 1 }, sparse: true },
  // Holds only those that are not final.
  { key: { deadline_at: 1 }, sparse: true },
  { key: { untold: 1 }, sparse: true },
];

export const submissionCollection = (connection: Connection): SubmissionCollection =>
  openCollection<StoredSubmission>(connection, 'submissions');
