import type { Failure, SubmissionStatus } from '@cloudemy/contracts';
import { projectionOf } from '@cloudemy/mongo';
import type { Types } from 'mongoose';
import type { z } from 'zod';
import type { ActorName } from '../auth/actor-name.js';
import { type Judgement, Snapshot, StoredGrade, StoredSubmission } from './model.js';
import type { Decision } from './states.js';

/** Fields that a transition may set besides those that every transition sets. */
export interface Outcome extends Partial<Pick<StoredSubmission, 'metrics' | 'failure' | 'result_id'>> {
  /** What becomes the grade in force. */
  judgement?: Judgement;
}

/** Fields that a new attempt begins with. */
export type NewAttempt = Pick<StoredSubmission, 'assignment' | 'max_score' | 'request_id' | 'traceparent'> &
  Partial<Pick<StoredSubmission, 'regrade_id' | 'draft'>>;

export interface TransitionRequest {
  submissionId: Types.ObjectId;
  /** The attempt this is about; for a request of another the one that has ended. */
  attempt: number;
  actor: ActorName;
  reason: string | null;
  to: SubmissionStatus;
  outcome?: Outcome;
  /** Only with `to: 'queued'`. */
  newAttempt?: NewAttempt;
  /** False for a failure that ends the submission although trying again might help. */
  retry?: false;
  /** Moves only from this very state; otherwise `unchanged`. */
  seq?: number;
}

/** Where a submission is and what a decision about it needs; cheap to read. */
export const SubmissionSnapshot = StoredSubmission.pick({
  _id: true,
  assignment_id: true,
  status: true,
  attempt: true,
  requested_attempt: true,
  given_back: true,
  seq: true,
  max_score: true,
  result_id: true,
  user_id: true,
  traceparent: true,
  waiting: true,
  status_since: true,
  regrade_id: true,
  erased_at: true,
  draft: true,
}).extend({
  grade: StoredGrade.pick({ attempt: true }).nullable().optional(),
  assignment: Snapshot.pick({ version: true }),
});
export type SubmissionSnapshot = z.output<typeof SubmissionSnapshot>;

export const snapshotOnly = projectionOf(StoredSubmission, SubmissionSnapshot);

/** `submission` is the state after the transition, or the one that stands against it. */
export type TransitionResult =
  | { decision: 'apply'; submission: SubmissionSnapshot }
  | { decision: Exclude<Decision, 'apply' | 'unknown'>; submission: SubmissionSnapshot }
  | { decision: 'unknown'; submission?: SubmissionSnapshot };

/** A transition that has happened. `failure` is why the attempt ended, if it failed. */
export interface TransitionEvent {
  submission: SubmissionSnapshot;
  from: SubmissionStatus;
  /** When it came to the state that it has left. */
  since: Date;
  /** What grading cost, when that is known. */
  metrics: Outcome['metrics'];
  failure: Failure | null;
}

/** What is told of every transition, after it is durable. Must not throw. */
export type TransitionListener = (event: TransitionEvent) => void;
