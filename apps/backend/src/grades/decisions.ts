import { openCollection, type IndexDescription } from '@cloudemy/mongo';
import type { Collection, Connection, Types } from 'mongoose';
import type { GradeContent } from './in-force.js';

/** A grade as a person decided it. Never changed: what was in force once can be in force again. */
export interface StoredDecision {
  _id: Types.ObjectId;
  submission_id: Types.ObjectId;
  content: Omit<GradeContent, 'decision_id'>;
  actor: string;
  reason: string;
  created_at: Date;
}

export type DecisionCollection = Collection<StoredDecision>;

export const decisionIndexes: IndexDescription[] = [{ key: { submission_id: 1 } }];

export const decisionCollection = (connection: Connection): DecisionCollection =>
  openCollection<StoredDecision>(connection, 'grade_decisions');
