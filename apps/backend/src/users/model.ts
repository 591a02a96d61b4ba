import type { Role } from '@cloudemy/contracts';
import { storedModel, storedSchema } from '@cloudemy/mongo';
import { type Connection, type Model, Schema, type Types } from 'mongoose';

export interface StoredUser {
  _id: Types.ObjectId;
  email: string;
  display_name: string;
  roles: Role[];
  /** Absent counts as not. */
  disabled?: boolean;
  /** The OpenID Connect provider that says what the user is; absent for accounts kept here. */
  issuer?: string;
  created_at: Date;
  /** The course whose roster made the account. */
  course_id?: Types.ObjectId;
  /** While the person is being erased, and who asked for it. */
  erasing?: { by: string; since: Date };
}

export type UserModel = Model<StoredUser>;

const schema = storedSchema<StoredUser>(
  {
    _id: { type: Schema.Types.ObjectId, required: true },
    email: { type: String, required: true },
    display_name: { type: String, required: true },
    roles: { type: [String], required: true },
    disabled: { type: Boolean },
    issuer: { type: String },
    created_at: { type: Date, required: true },
    course_id: { type: Schema.Types.ObjectId },
    erasing: { type: Schema.Types.Mixed },
  },
  'users',
);
schema.index({ email: 1 }, { unique: true });
schema.index({ roles: 1, _id: -1 });
schema.index({ 'erasing.since': 1 }, { sparse: true });

export const userModel = (connection: Connection): UserModel =>
  storedModel<StoredUser>(connection, 'User', schema);
