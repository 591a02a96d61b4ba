import type { WebhookEvent, WebhookMessage } from '@cloudemy/contracts';
import { type Clock, isDuplicateKey } from '@cloudemy/mongo';
import type { Types } from 'mongoose';
import { maxWaiting } from '../limits.js';
import type { DeliveryModel, StoredWebhook, WebhookModel } from '../model.js';
import { newDelivery } from '../subscriptions/history.js';

/** Something that happened and that somebody may want to be told. */
export interface Happening {
  type: WebhookEvent;
  /** The same for the same, however often it is announced. */
  id: string;
  at: Date;
  /** Ids of the users who are told. */
  audience: readonly string[];
  assignmentId?: string;
  data: WebhookMessage['data'];
}

/** Puts what happened into the outbox of every webhook that is to be told. Announcing again adds nothing. */
export class Announcer {
  private readonly webhooks: WebhookModel;
  private readonly deliveries: DeliveryModel;
  private readonly now: Clock;
  private readonly isDisabled: (userIds: readonly string[]) => Promise<ReadonlySet<string>>;

  /** @param disabledAmong those of some users who may not do anything any more: they are told nothing */
  constructor(
    webhooks: WebhookModel,
    deliveries: DeliveryModel,
    now: Clock,
    disabledAmong: (userIds: readonly string[]) => Promise<ReadonlySet<string>>,
  ) {
    this.webhooks = webhooks;
    this.deliveries = deliveries;
    this.now = now;
    this.isDisabled = disabledAmong;
  }

  /** Whether anybody wants to be told of one of these. */
  async isAsked(...types: WebhookEvent[]): Promise<boolean> {
    return (await this.webhooks.exists({ enabled: true, events: { $in: types } })) !== null;
  }

  /** @throws when the database does not take it: to be announced again */
  async announce(happenings: readonly Happening[]): Promise<void> {
    if (happenings.length === 0) return;
    const owners = [...new Set(happenings.flatMap(({ audience }) => audience))];
    const webhooks = await this.webhooks
      .find({ owner_id: { $in: owners }, enabled: true })
      .lean<StoredWebhook[]>();
    if (webhooks.length === 0) return;
    const silent = await this.isDisabled([...new Set(webhooks.map(({ owner_id }) => owner_id))]);
    for (const webhook of webhooks) {
      const wanted = happenings.filter((one) => !silent.has(webhook.owner_id) && wants(webhook, one));
      if (wanted.length > 0) await this.put(webhook, wanted);
    }
  }

  private async put(webhook: StoredWebhook, happenings: readonly Happening[]): Promise<void> {
    const waiting = await this.deliveries.countDocuments({ webhook_id: webhook._id, state: 'pending' });
    if (waiting + happenings.length > maxWaiting) {
      await this.webhooks.updateOne(
        { _id: webhook._id, enabled: true },
        { $set: { enabled: false, disabled_reason: 'too_many_waiting' } },
      );
      return;
    }
    const now = this.now();
    for (const { id, type, at, data } of happenings) {
      const message = { type, timestamp: at.toISOString(), data };
      await insertOnce(this.deliveries, webhook._id, newDelivery(webhook, id, message, now));
    }
  }
}

async function insertOnce(
  deliveries: DeliveryModel,
  webhookId: Types.ObjectId,
  { webhook_id: _, message_id, ...delivery }: ReturnType<typeof newDelivery>,
): Promise<void> {
  try {
    await deliveries.updateOne(
      { webhook_id: webhookId, message_id },
      { $setOnInsert: delivery },
      { upsert: true },
    );
  } catch (error) {
    // Another replica was faster.
    if (!isDuplicateKey(error)) throw error;
  }
}

/** Nobody is told of what was before they asked. The cluster tells the time in whole seconds. */
const wants = (
  { owner_id, events, assignment_id, created_at }: StoredWebhook,
  { type, audience, assignmentId, at }: Happening,
): boolean =>
  audience.includes(owner_id) &&
  events.includes(type) &&
  (assignment_id === null || assignment_id === assignmentId) &&
  at.getTime() > created_at.getTime() - 1_000;
