import { storedModel, storedSchema } from '@cloudemy/mongo';
import { type Connection, type Model, Schema, Types } from 'mongoose';
import { hashPassword, passwordFits } from './passwords.js';

/** Apart from the user, so that no reading of users ever holds a hash. */
export interface StoredCredential {
  /** Of the user. */
  _id: Types.ObjectId;
  password_hash: string;
  changed_at: Date;
}

export type CredentialModel = Model<StoredCredential>;

const schema = storedSchema<StoredCredential>(
  {
    _id: { type: Schema.Types.ObjectId, required: true },
    password_hash: { type: String, required: true },
    changed_at: { type: Date, required: true },
  },
  'credentials',
);

export const credentialModel = (connection: Connection): CredentialModel =>
  storedModel<StoredCredential>(connection, 'Credential', schema);

/** The passwords of users. */
export class Credentials {
  private readonly model: CredentialModel;

  constructor(model: CredentialModel) {
    this.model = model;
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

  async exists(userId: Types.ObjectId): Promise<boolean> {
    return (await this.model.exists({ _id: userId })) !== null;
  }
}
