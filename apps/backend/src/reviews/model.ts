import { type IndexDescription, openCollection } from '@cloudemy/mongo';
import type { Collection, Connection, Types } from 'mongoose';

/** Lines of a file of a submission. */
export interface StoredLines {
  file: string;
  start_line: number;
  end_line: number;
}

export interface StoredComment extends StoredLines {
  _id: Types.ObjectId;
  submission_id: Types.ObjectId;
  text: string;
  author_id: Types.ObjectId;
  created_at: Date;
  resolved_by: Types.ObjectId | null;
  resolved_at: Date | null;
}

export interface StoredReviewRequest {
  _id: Types.ObjectId;
  submission_id: Types.ObjectId;
  assignment_id: Types.ObjectId;
  user_id: Types.ObjectId;
  criterion_id: string | null;
  lines: StoredLines | null;
  text: string;
  grade_version: number | null;
  state: 'open' | 'resolved';
  answer: string | null;
  grade_changed: boolean | null;
  created_at: Date;
  resolved_by: Types.ObjectId | null;
  resolved_at: Date | null;
  /** What happened to it, and webhooks have still to be told. */
  untold?: Date;
}

export type CommentCollection = Collection<StoredComment>;
export type ReviewRequestCollection = Collection<StoredReviewRequest>;

export const commentIndexes: IndexDescription[] = [{ key: { submission_id: 1, _id: 1 } }];
export const reviewRequestIndexes: IndexDescription[] = [
  { key: { submission_id: 1, _id: 1 } },
  { key: { assignment_id: 1, state: 1 } },
  // One at a time about one thing.
  {
    key: { submission_id: 1, criterion_id: 1 },
    unique: true,
    partialFilterExpression: { state: 'open' },
    name: 'open',
  },
  { key: { untold: 1 }, sparse: true },
];

export const commentCollection = (connection: Connection): CommentCollection =>
  openCollection<StoredComment>(connection, 'comments');
export const reviewRequestCollection = (connection: Connection): ReviewRequestCollection =>
  openCollection<StoredReviewRequest>(connection, 'review_requests');
