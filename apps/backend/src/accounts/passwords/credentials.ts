import { createHash } from 'node:crypto';
import { addressKey } from '@cloudemy/auth';
import { storedModel, storedSchema } from '@cloudemy/mongo';
import { type Connection, type Model, Schema, Types } from 'mongoose';
import { hashPassword, passwordFits } from './passwords.js';

/** Apart from the user, so that no reading of users ever holds a hash. */
export interface StoredCredential {
  /** Of the user. */
  _id: Types.ObjectId;
  password_hash: string;
  changed_at: Date;
  /** Hashes of the addresses that it was last signed in from, the latest first. */
  known_addresses?: string[];
}

export type CredentialModel = Model<StoredCredential>;

const schema = storedSchema<StoredCredential>(
  {
    _id: { type: Schema.Types.ObjectId, required: true },
    password_hash: { type: String, required: true },
    changed_at: { type: Date, required: true },
    known_addresses: { type: [String], default: undefined },
  },
  'credentials',
);

export const credentialModel = (connection: Connection): CredentialModel =>
  storedModel<StoredCredential>(connection, 'Credential', schema);

const maxKnownAddresses = 20;

/** By the user, so that what is stored does not tell who shares an address. */
const addressHash = (userId: Types.ObjectId, address: string): string =>
  createHash('sha256')
    .update(`${userId.toHexString()} ${addressKey(address)}`)
    .digest('base64url');

/** The passwords of users. */
export class Credentials {
  private readonly model: CredentialModel;

  constructor(model: CredentialModel) {
    this.model = model;
  }

  /** Those of some users who have one. */
  async setAmong(userIds: readonly Types.ObjectId[]): Promise<ReadonlySet<string>> {
    const found = await this.model.distinct('_id', { _id: { $in: userIds } });
    return new Set(found.map(String));
  }

  /** Whether it is the user's password; takes as long for nobody as for somebody. */
  async fits(userId: Types.ObjectId | undefined, password: string): Promise<boolean> {
    const stored = await this.model.findById(userId ?? new Types.ObjectId()).lean<StoredCredential>();
    return passwordFits(password, stored?.password_hash);
  }

  async set(userId: Types.ObjectId, password: string): Promise<void> {
    const fields = { password_hash: await hashPassword(password), changed_at: new Date() };
    await this.model.updateOne({ _id: userId }, { $set: fields }, { upsert: true });
  }

  /** Whether the account was signed in to from this address before. */
  async knows(userId: Types.ObjectId | undefined, address: string): Promise<boolean> {
    const id = userId ?? new Types.ObjectId();
    return (await this.model.exists({ _id: id, known_addresses: addressHash(id, address) })) !== null;
  }

  /** Remembers where the account was signed in from; of many addresses the latest. */
  async remember(userId: Types.ObjectId, address: string): Promise<void> {
    const stored = await this.model.findById(userId).lean<StoredCredential>();
    const hash = addressHash(userId, address);
    const before = stored?.known_addresses ?? [];
    if (before[0] === hash) return;
    const known = [hash, ...before.filter((one) => one !== hash)].slice(0, maxKnownAddresses);
    await this.model.updateOne({ _id: userId }, { $set: { known_addresses: known } });
  }

  async exists(userId: Types.ObjectId): Promise<boolean> {
    return (await this.model.exists({ _id: userId })) !== null;
  }
}
