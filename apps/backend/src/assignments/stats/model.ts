import type { SubmissionStatus } from '@cloudemy/contracts';
import { type Connection, type Model, Schema, type Types } from 'mongoose';

/** So many final submissions ended alike. */
export interface Tally {
  status: SubmissionStatus;
  score: number | null;
  max_score: number;
  count: number;
}

/** The final submissions of an assignment, counted by the day that they were submitted on. */
export interface StoredStats {
  /** Of the assignment. */
  _id: Types.ObjectId;
  /** What has ended since then is not counted yet. */
  as_of: Date;
  /** The first count continues, and has come to this day; null when it has ended. */
  next_day: number | null;
  /** By the number of the day since 1970 (UTC). */
  days: Record<string, Tally[]>;
  /** All days together, as of then; missing until they were counted a second time. */
  total?: Tally[];
}

export type StatsModel = Model<StoredStats>;

const { ObjectId, Mixed } = Schema.Types;

const schema = new Schema<StoredStats>(
  {
    _id: { type: ObjectId, required: true },
    as_of: { type: Date, required: true },
    next_day: { type: Number, default: null },
    days: { type: Mixed, required: true },
    total: { type: Mixed },
  },
  { collection: 'assignment_stats', versionKey: false, minimize: false },
);

export const statsModel = (connection: Connection): StatsModel =>
  connection.model<StoredStats>('AssignmentStats', schema);
