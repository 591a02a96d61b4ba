import type { FailedResult, GradedResult, Receipt, Transcript } from '@cloudemy/contracts';
import { type IndexDescription, openCollection } from '@cloudemy/mongo';
import type { Snapshot } from '../submissions/model.js';
import type { Collection, Connection, Types } from 'mongoose';

/** What a callback was found to say. */
export type Verdict =
  | { kind: 'graded'; result: GradedResult }
  | { kind: 'failed'; result: FailedResult }
  /** `raw` is the body as it came, cut to a bound. */
  | { kind: 'ungradable'; reason: string; raw: string };

/** What only the receipt of an attempt needs. */
export interface AttemptRecord {
  /** The salts of the receipt's parts follow from it; null once they are erased. */
  salt: string | null;
  transcript: Transcript | null;
  /** Of the parts, when they are erased. */
  digests?: Receipt['digests'];
}

/** A received result. Stays after a regrade: old and new can be put side by side. */
export interface StoredResult {
  /** `{submission_id}-{attempt}`: the first one wins. */
  _id: string;
  submission_id: Types.ObjectId;
  attempt: number;
  assignment_version: number;
  /** The assignment as the attempt was graded by it; missing in what an earlier version stored. */
  assignment?: Snapshot;
  /** For the receipt; missing in what an earlier version stored. */
  record?: AttemptRecord;
  verdict: Verdict;
  received_at: Date;
  /** Whether the submission has been told. */
  applied: boolean;
  /** Whether the submission took it; null before it was told. */
  accepted: boolean | null;
}

export type ResultCollection = Collection<StoredResult>;

export const resultIndexes: IndexDescription[] = [
  { key: { submission_id: 1, attempt: 1 } },
  // Holds only those whose submission has not been told yet.
  { key: { received_at: 1 }, partialFilterExpression: { applied: false } },
];

export const resultCollection = (connection: Connection): ResultCollection =>
  openCollection<StoredResult>(connection, 'results');

export const resultId = (submissionId: string, attempt: number): string => `${submissionId}-${attempt}`;
