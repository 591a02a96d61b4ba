import { firstIdAt, objectId } from '@cloudemy/mongo';
import { ProblemError, notFound } from '@cloudemy/service';
import type { Types } from 'mongoose';
import { type EraseParts, eraseSubmission } from './erase-submission.js';

/** Submissions of one turn. */
const batchSize = 50;
const dayMs = 86_400_000;

export interface ErasureParts extends EraseParts {
  /** Days after which submissions are erased; never when left out. */
  retentionDays: number | undefined;
}

/** Erases people when they are to be forgotten, and submissions when they are old. */
export class Erasure {
  private readonly parts: ErasureParts;
  /** What is older has been erased, as far as this process knows. */
  private erasedTo: Types.ObjectId | undefined;

  constructor(parts: ErasureParts) {
    this.parts = parts;
  }

  /**
   * Begins to erase a person: the account is empty at once, the submissions follow. Asking again changes nothing.
   *
   * @throws ProblemError `not_found`; `conflict` for oneself
   */
  async begin(userId: string, by: string): Promise<void> {
    if (userId === by) {
      throw new ProblemError('conflict', {
        detail: 'You cannot erase yourself. Ask another administrator to.',
      });
    }
    const { users, credentials, invitations, sessions, apiKeys, webhooks, deliveries, enrolments } =
      this.parts.stores;
    const id = objectId(userId);
    const erasing = { by, since: this.parts.now() };
    const nobody = { email: `${userId}@erased.invalid`, display_name: 'Erased', disabled: true };
    const { matchedCount } = await users.updateOne({ _id: id }, { $set: { ...nobody, erasing } });
    if (matchedCount === 0) throw notFound('user', userId);
    const own = await webhooks.distinct('_id', { owner_id: userId });
    await Promise.all([
      webhooks.deleteMany({ _id: { $in: own } }),
      deliveries.deleteMany({ webhook_id: { $in: own } }),
      credentials.deleteMany({ _id: id }),
      invitations.deleteMany({ user_id: id }),
      sessions.deleteMany({ user_id: id }),
      apiKeys.deleteMany({ user_id: id }),
      enrolments.deleteMany({ user_id: id }),
    ]);
  }

  /** Goes on with what was begun, and with what has become old. */
  async turn(): Promise<void> {
    await this.people();
    await this.old();
  }

  private async people(): Promise<void> {
    const { users, submissions } = this.parts.stores;
    const user = await users.findOne({ 'erasing.since': { $gt: new Date(0) } }).lean();
    if (user?.erasing === undefined) return;
    const { by } = user.erasing;
    const left = await submissions
      .find({ user_id: user._id, erased_at: { $exists: false } }, { limit: batchSize })
      .toArray();
    for (const one of left) await eraseSubmission(this.parts, one, `user:${by}`);
    if (left.length === 0) await users.updateOne({ _id: user._id }, { $unset: { erasing: '' } });
  }

  private async old(): Promise<void> {
    const { retentionDays, stores, now } = this.parts;
    if (retentionDays === undefined) return;
    const end = firstIdAt(new Date(now().getTime() - retentionDays * dayMs));
    const from = this.erasedTo === undefined ? {} : { $gt: this.erasedTo };
    const batch = await stores.submissions
      .find({ _id: { $lt: end, ...from } }, { sort: { _id: 1 }, limit: batchSize })
      .toArray();
    for (const one of batch) {
      if (one.erased_at === undefined && !(await eraseSubmission(this.parts, one))) return;
      this.erasedTo = one._id;
    }
  }
}
