import type { KeyScope } from '@cloudemy/contracts';
import { storedModel, storedSchema } from '@cloudemy/mongo';
import { type Connection, type Model, Schema, type Types } from 'mongoose';

export interface StoredApiKey {
  _id: Types.ObjectId;
  user_id: Types.ObjectId;
  name: string;
  scopes: KeyScope[];
  /** Of the key. */
  hash: string;
  created_at: Date;
  expires_at: Date;
  last_used_at: Date | null;
}

export type ApiKeyModel = Model<StoredApiKey>;

const required = true;
const { ObjectId } = Schema.Types;

const schema = storedSchema<StoredApiKey>(
  {
    _id: { type: ObjectId, required },
    user_id: { type: ObjectId, required },
    name: { type: String, required },
    scopes: { type: [String], required },
    hash: { type: String, required },
    created_at: { type: Date, required },
    expires_at: { type: Date, required },
    last_used_at: { type: Date, default: null },
  },
  'api_keys',
);
schema.index({ user_id: 1, _id: -1 });
schema.index({ expires_at: 1 }, { expireAfterSeconds: 0 });

export const apiKeyModel = (connection: Connection): ApiKeyModel =>
  storedModel<StoredApiKey>(connection, 'ApiKey', schema);
