import { storedModel, storedSchema } from '@cloudemy/mongo';
import { type Connection, type Model, Schema, type Types } from 'mongoose';

/** A message that could not be worked on. */
export interface StoredDeadLetter {
  _id: Types.ObjectId;
  /** Hash of the message: reporting it twice is one letter. */
  fingerprint: string;
  queue_job: string;
  payload: string;
  reason: string;
  submission_id: Types.ObjectId | null;
  attempt: number | null;
  source: 'scheduler' | 'backend';
  created_at: Date;
  replayed_at: Date | null;
}

export type DeadLetterModel = Model<StoredDeadLetter>;

const { ObjectId } = Schema.Types;

const schema = storedSchema<StoredDeadLetter>(
  {
    _id: { type: ObjectId, required: true },
    fingerprint: { type: String, required: true },
    queue_job: { type: String, required: true },
    // An empty message is a message too.
    payload: { type: String, default: '' },
    reason: { type: String, required: true },
    submission_id: { type: ObjectId, default: null },
    attempt: { type: Number, default: null },
    source: { type: String, required: true },
    created_at: { type: Date, required: true },
    replayed_at: { type: Date, default: null },
  },
  'dead_letters',
);
schema.index({ fingerprint: 1 }, { unique: true });

export const deadLetterModel = (connection: Connection): DeadLetterModel =>
  storedModel<StoredDeadLetter>(connection, 'DeadLetter', schema);
