import type { Jwks } from '@cloudemy/contracts';
import { storedModel, storedSchema } from '@cloudemy/mongo';
import { type Connection, type Model, Schema } from 'mongoose';

/** A key that signs access tokens for one period. */
export interface StoredSigningKey {
  /** Period and secret, so that replicas that make it at the same moment make one. */
  _id: string;
  public_key: Jwks['keys'][number];
  /** The private key, sealed. */
  sealed: string;
  created_at: Date;
  /** No token that it has signed is good any more. */
  expires_at: Date;
}

export type SigningKeyModel = Model<StoredSigningKey>;

const schema = storedSchema<StoredSigningKey>(
  {
    _id: { type: String, required: true },
    public_key: { type: Schema.Types.Mixed, required: true },
    sealed: { type: String, required: true },
    created_at: { type: Date, required: true },
    expires_at: { type: Date, required: true },
  },
  'signing_keys',
);
schema.index({ expires_at: 1 }, { expireAfterSeconds: 0 });

export const signingKeyModel = (connection: Connection): SigningKeyModel =>
  storedModel<StoredSigningKey>(connection, 'SigningKey', schema);
