import type { FailedResult, GradedResult } from '@cloudemy/contracts';
import { storedModel, storedSchema } from '@cloudemy/mongo';
import { type Connection, type Model, Schema, type Types } from 'mongoose';

/** What a callback was found to say. */
export type Verdict =
  | { kind: 'graded'; result: GradedResult }
  | { kind: 'failed'; result: FailedResult }
  /** `raw` is the body as it came, cut to a bound. */
  | { kind: 'ungradable'; reason: string; raw: string };

/** A received result. Stays after a regrade: old and new can be put side by side. */
export interface StoredResult {
  /** `{submission_id}-{attempt}`: the first one wins. */
  _id: string;
  submission_id: Types.ObjectId;
  attempt: number;
  assignment_version: number;
  verdict: Verdict;
  received_at: Date;
  /** Whether the submission has been told. */
  applied: boolean;
  /** Whether the submission took it; null before it was told. */
  accepted: boolean | null;
}

export type ResultModel = Model<StoredResult>;

const schema = storedSchema<StoredResult>(
  {
    _id: { type: String, required: true },
    submission_id: { type: Schema.Types.ObjectId, required: true },
    attempt: { type: Number, required: true },
    assignment_version: { type: Number, required: true },
    verdict: { type: Schema.Types.Mixed, required: true },
    received_at: { type: Date, required: true },
    applied: { type: Boolean, required: true },
    accepted: { type: Boolean, default: null },
  },
  'results',
);
schema.index({ submission_id: 1, attempt: 1 });
// Holds only those whose submission has not been told yet.
schema.index({ received_at: 1 }, { partialFilterExpression: { applied: false } });

export const resultModel = (connection: Connection): ResultModel =>
  storedModel<StoredResult>(connection, 'Result', schema);

export const resultId = (submissionId: string, attempt: number): string => `${submissionId}-${attempt}`;
