import type {
  CriterionResult,
  Failure,
  Language,
  Metrics,
  Rubric,
  SubmissionStatus,
} from '@cloudemy/contracts';
import { storedModel, storedSchema } from '@cloudemy/mongo';
import { type Connection, type Model, Schema, type Types } from 'mongoose';

/** The assignment as it was when this attempt began: what the attempt is graded by. */
export interface Snapshot {
  version: number;
  title: string;
  description: string;
  rubric: Rubric;
}

/** A transition, with what the live event of it says. */
export interface StoredHistoryEntry {
  seq: number;
  at: Date;
  status: SubmissionStatus;
  attempt: number;
  actor: string;
  reason: string | null;
  score: number | null;
  max_score: number;
  fail_tags: string[];
  /** Why the attempt failed that this transition ended. */
  failure: Failure | null;
  /** The version of the assignment that the attempt is graded by. */
  assignment_version: number;
  /** The entry of the results inbox that this transition took. */
  result_id: string | null;
}

export interface StoredWaiting {
  code: string;
  message: string;
  since: Date;
}

/** What a grader found out about the code. */
export interface Judgement {
  score: number;
  fail_tags: string[];
  feedback: string | null;
  criteria: CriterionResult[];
}

/**
 * The grade in force, and the attempt that it is from. Only another grade replaces it: an attempt that waits, fails or is
 * cancelled leaves it alone.
 */
export interface StoredGrade extends Judgement {
  attempt: number;
  /** The version of the assignment that it was graded by, and the most points of that. */
  assignment_version: number;
  max_score: number;
  graded_at: Date;
}

/** Where versions up to 0.1.0 kept the judgement of the current attempt: beside its state, until the next began. */
export interface FormerGrade {
  score?: number | null;
  fail_tags?: string[];
  feedback?: string | null;
  criteria?: CriterionResult[];
}

export interface StoredSubmission {
  _id: Types.ObjectId;
  assignment_id: Types.ObjectId;
  user_id: Types.ObjectId;
  /** Who handed it in; absent in what was stored before this was noted. */
  submitted_by?: Types.ObjectId;
  language: Language;
  code: string;
  code_bytes: number;
  assignment: Snapshot;
  status: SubmissionStatus;
  attempt: number;
  /** The attempt that the last request of a person began; later ones were begun by themselves. */
  requested_attempt: number;
  /** Attempts since then that failed as any submission's would have: they count for nothing. */
  given_back: number;
  /** The bulk regrade that began this attempt. */
  regrade_id: Types.ObjectId | null;
  /** Of the newest history entry. Grows with every transition, so comparing it is comparing the state. */
  seq: number;
  /** The write of many that moved it last; only that write needs to know. */
  moved_by?: Types.ObjectId;
  history: StoredHistoryEntry[];
  /** Set while this attempt has still to be put on the queue. */
  outbox: { attempt: number; since: Date } | null;
  /** The queue holds this attempt back until then. */
  not_before: Date | null;
  /** When this state must have ended; final states have none. */
  deadline_at?: Date;
  /** Of what the current attempt is graded by. */
  max_score: number;
  /** The grade in force; missing in what an earlier version stored. */
  grade?: StoredGrade | null;
  metrics: Metrics | null;
  failure: Failure | null;
  waiting: StoredWaiting | null;
  /** The entry of the results inbox that ended this attempt. */
  result_id: string | null;
  /** Of the request that began this attempt. */
  request_id: string;
  traceparent: string | null;
  created_at: Date;
  /** When it came to its state. */
  status_since: Date;
  updated_at: Date;
  finished_at: Date | null;
  /** Since when there are ends of attempts that no webhook has been told of; see `events/announcements.ts`. */
  untold?: Date;
}

export type SubmissionModel = Model<StoredSubmission>;

const { ObjectId, Mixed } = Schema.Types;
const required = true;

/** What the contracts have checked already is `Mixed`: a second schema of it would only drift. */
const schema = storedSchema<StoredSubmission>(
  {
    _id: { type: ObjectId, required },
    assignment_id: { type: ObjectId, required },
    user_id: { type: ObjectId, required },
    submitted_by: { type: ObjectId },
    language: { type: String, required },
    code: { type: String, required },
    code_bytes: { type: Number, required },
    assignment: { type: Mixed, required },
    status: { type: String, required },
    attempt: { type: Number, required },
    requested_attempt: { type: Number, required },
    given_back: { type: Number, default: 0 },
    regrade_id: { type: ObjectId, default: null },
    seq: { type: Number, required },
    moved_by: { type: ObjectId },
    history: { type: Mixed, required },
    outbox: { type: Mixed, default: null },
    not_before: { type: Date, default: null },
    deadline_at: { type: Date },
    max_score: { type: Number, required },
    grade: { type: Mixed, default: null },
    metrics: { type: Mixed, default: null },
    failure: { type: Mixed, default: null },
    waiting: { type: Mixed, default: null },
    result_id: { type: String, default: null },
    request_id: { type: String, required },
    traceparent: { type: String, default: null },
    created_at: { type: Date, required },
    status_since: { type: Date, required },
    updated_at: { type: Date, required },
    finished_at: { type: Date, default: null },
    untold: { type: Date },
  },
  'submissions',
);
schema.index({ user_id: 1, _id: -1 });
schema.index({ assignment_id: 1, _id: -1 });
schema.index({ user_id: 1, finished_at: 1 });
schema.index({ status: 1, _id: -1 });
schema.index({ assignment_id: 1, finished_at: 1 });
// Holds only those with something in the outbox.
schema.index({ 'outbox.since': 1 }, { sparse: true });
// Holds only those that are not final.
schema.index({ deadline_at: 1 }, { sparse: true });
schema.index({ untold: 1 }, { sparse: true });

export const submissionModel = (connection: Connection): SubmissionModel =>
  storedModel<StoredSubmission>(connection, 'Submission', schema);
