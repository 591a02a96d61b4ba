import { storedModel, storedSchema } from '@cloudemy/mongo';
import { type Connection, type Model, Schema, type Types } from 'mongoose';

/** Somebody who has signed in somewhere; gone when it has ended. */
export interface StoredSession {
  /** 128 random bits. */
  _id: string;
  user_id: Types.ObjectId;
  /** Of the refresh token that is good. */
  generation: number;
  rotated_at: Date;
  created_at: Date;
  expires_at: Date;
}

export type SessionModel = Model<StoredSession>;

const required = true;

const schema = storedSchema<StoredSession>(
  {
    _id: { type: String, required },
    user_id: { type: Schema.Types.ObjectId, required },
    generation: { type: Number, required },
    rotated_at: { type: Date, required },
    created_at: { type: Date, required },
    expires_at: { type: Date, required },
  },
  'sessions',
);
schema.index({ user_id: 1 });
schema.index({ expires_at: 1 }, { expireAfterSeconds: 0 });

export const sessionModel = (connection: Connection): SessionModel =>
  storedModel<StoredSession>(connection, 'Session', schema);
