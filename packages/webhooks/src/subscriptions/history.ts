import type { Actor } from '@cloudemy/auth';
import {
  type WebhookDelivery,
  type WebhookDeliveryState,
  type WebhookMessage,
  webhookTestEvent,
} from '@cloudemy/contracts';
import { type Clock, cutPage, decodeCursor, newId, objectId } from '@cloudemy/mongo';
import { ProblemError, notFound } from '@cloudemy/service';
import { keptMs, maxWaiting } from '../limits.js';
import type { DeliveryModel, StoredDelivery, StoredWebhook } from '../model.js';
import type { Subscriptions } from './subscriptions.js';

interface HistoryQuery {
  limit: number;
  cursor?: string | undefined;
  state?: WebhookDeliveryState | undefined;
}

/** What was sent and what happened to it; sends again, and tries a webhook out. */
export class History {
  private readonly subscriptions: Subscriptions;
  private readonly deliveries: DeliveryModel;
  private readonly now: Clock;

  constructor(subscriptions: Subscriptions, deliveries: DeliveryModel, now: Clock) {
    this.subscriptions = subscriptions;
    this.deliveries = deliveries;
    this.now = now;
  }

  /** @throws ProblemError `not_found` */
  async list(actor: Actor, webhookId: string, { limit, cursor, state }: HistoryQuery) {
    const { _id: webhook_id } = await this.subscriptions.mustFind(actor, webhookId);
    const filters = { webhookId, state };
    const after = decodeCursor('webhook-deliveries', filters, cursor);
    const rows = await this.deliveries
      .find({
        webhook_id,
        ...(state === undefined ? {} : { state }),
        ...(after === undefined ? {} : { _id: { $lt: after } }),
      })
      .sort({ _id: -1 })
      .limit(limit + 1)
      .lean<StoredDelivery[]>();
    return cutPage(rows, limit, 'webhook-deliveries', filters, viewDelivery);
  }

  /** @throws ProblemError `not_found`, `conflict` while the webhook is disabled */
  async replay(actor: Actor, webhookId: string, deliveryId: string): Promise<WebhookDelivery> {
    const webhook = await this.enabled(actor, webhookId);
    const again = {
      state: 'pending',
      tried: 0,
      due_at: this.now(),
      expires_at: expiryFrom(this.now()),
    } as const;
    const replayed = await this.deliveries
      .findOneAndUpdate(
        { _id: objectId(deliveryId), webhook_id: webhook._id },
        { $set: again },
        { returnDocument: 'after' },
      )
      .lean<StoredDelivery>();
    if (replayed === null) throw notFound('message of this webhook', deliveryId);
    return viewDelivery(replayed);
  }

  /** @throws ProblemError `not_found`, `conflict` while the webhook is disabled, `quota_exceeded` */
  async test(actor: Actor, webhookId: string): Promise<WebhookDelivery> {
    const webhook = await this.enabled(actor, webhookId);
    const waiting = await this.deliveries.countDocuments({ webhook_id: webhook._id, state: 'pending' });
    if (waiting >= maxWaiting) {
      throw new ProblemError('quota_exceeded', {
        detail: `${waiting} messages wait for this webhook already. See whether its target takes them.`,
      });
    }
    const { id, createdAt } = newId(this.now());
    const data = { webhook_id: webhookId };
    const message: WebhookMessage = { type: webhookTestEvent, timestamp: createdAt.toISOString(), data };
    const delivery = newDelivery(webhook, `test-${String(id)}`, message, createdAt);
    await this.deliveries.create(delivery);
    return viewDelivery(delivery);
  }

  private async enabled(actor: Actor, webhookId: string): Promise<StoredWebhook> {
    const webhook = await this.subscriptions.mustFind(actor, webhookId);
    if (webhook.enabled) return webhook;
    throw new ProblemError('conflict', {
      detail: `The webhook is disabled (${webhook.disabled_reason ?? 'by_owner'}). Enable it first: PATCH /webhooks/${webhookId} with {"enabled": true}.`,
    });
  }
}

const expiryFrom = (now: Date): Date => new Date(now.getTime() + keptMs);

/** A message on its way to a webhook. */
export function newDelivery(
  { _id: webhook_id }: Pick<StoredWebhook, '_id'>,
  messageId: string,
  message: WebhookMessage,
  now: Date,
): StoredDelivery {
  return {
    _id: newId(now).id,
    webhook_id,
    message_id: messageId,
    state: 'pending',
    message,
    tries: [],
    tried: 0,
    due_at: now,
    created_at: now,
    expires_at: expiryFrom(now),
  };
}

function viewDelivery(delivery: StoredDelivery): WebhookDelivery {
  const { _id, message_id, state, message, tries, due_at, created_at } = delivery;
  return {
    delivery_id: String(_id),
    message_id,
    state,
    message,
    tries: tries.map(({ at, ...one }) => ({ at: at.toISOString(), ...one })),
    next_try_at: state === 'pending' ? due_at.toISOString() : null,
    created_at: created_at.toISOString(),
  };
}
