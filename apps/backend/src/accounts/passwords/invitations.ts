import { createHash, randomBytes } from 'node:crypto';
import type { Invitation } from '@cloudemy/contracts';
import { storedModel, storedSchema } from '@cloudemy/mongo';
import { type Connection, type Model, Schema, type Types } from 'mongoose';

/** A way for a user to set a password, once. */
export interface StoredInvitation {
  /** Hash of what the user is handed. */
  _id: string;
  user_id: Types.ObjectId;
  expires_at: Date;
}

export type InvitationModel = Model<StoredInvitation>;

const schema = storedSchema<StoredInvitation>(
  {
    _id: { type: String, required: true },
    user_id: { type: Schema.Types.ObjectId, required: true },
    expires_at: { type: Date, required: true },
  },
  'invitations',
);
schema.index({ user_id: 1 });
schema.index({ expires_at: 1 }, { expireAfterSeconds: 0 });

export const invitationModel = (connection: Connection): InvitationModel =>
  storedModel<StoredInvitation>(connection, 'Invitation', schema);

/** Invitations, for new users and for those who have forgotten their password. */
export class Invitations {
  private readonly model: InvitationModel;
  private readonly ttlMs: number;

  constructor(model: InvitationModel, ttlMs: number) {
    this.model = model;
    this.ttlMs = ttlMs;
  }

  /** Earlier ones are void. */
  async make(userId: Types.ObjectId): Promise<Invitation> {
    const invitation = randomBytes(32).toString('base64url');
    const expiresAt = new Date(Date.now() + this.ttlMs);
    await this.model.deleteMany({ user_id: userId });
    await this.model.create({ _id: hashOf(invitation), user_id: userId, expires_at: expiresAt });
    return { invitation, expires_at: expiresAt.toISOString() };
  }

  /**
   * Uses an invitation up. Of many at once one succeeds.
   *
   * @returns whose it was; undefined when there is none, or not any more
   */
  async take(invitation: string): Promise<Types.ObjectId | undefined> {
    const found = await this.model
      .findOneAndDelete({ _id: hashOf(invitation), expires_at: { $gt: new Date() } })
      .lean<StoredInvitation>();
    return found?.user_id;
  }
}

/** 256 random bits need no slow hash. */
const hashOf = (invitation: string): string => createHash('sha256').update(invitation).digest('base64url');
