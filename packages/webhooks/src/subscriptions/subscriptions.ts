import type { Actor } from '@cloudemy/auth';
import {
  type Webhook,
  type WebhookCreate,
  type WebhookCreated,
  type WebhookEvent,
  type WebhookUpdate,
  webhookEvents,
} from '@cloudemy/contracts';
import { type Clock, cutPage, decodeCursor, newId, objectId } from '@cloudemy/mongo';
import { ProblemError, notFound } from '@cloudemy/service';
import { maxWebhooks, rotationMs } from '../limits.js';
import type { DeliveryModel, StoredWebhook, TellingService, WebhookModel } from '../model.js';
import { newSecret } from '../target/signature.js';

export interface SubscriptionParts {
  service: TellingService;
  webhooks: WebhookModel;
  deliveries: DeliveryModel;
  now: Clock;
}

/** Who is told of what, and where. Everybody reaches their own alone. */
export class Subscriptions {
  private readonly parts: SubscriptionParts;

  constructor(parts: SubscriptionParts) {
    this.parts = parts;
  }

  /** @throws ProblemError `invalid_request` for events of the other service, `quota_exceeded` */
  async create({ userId }: Actor, request: WebhookCreate): Promise<WebhookCreated> {
    const { webhooks, now } = this.parts;
    this.assertTold(request.events);
    if (request.assignment_id !== undefined && this.parts.service !== 'backend') {
      throw badField('assignment_id', 'is known to the backend alone: leave it out');
    }
    if ((await webhooks.countDocuments({ owner_id: userId })) >= maxWebhooks) {
      throw new ProblemError('quota_exceeded', {
        detail: `You have ${maxWebhooks} webhooks. Delete one first.`,
      });
    }
    const { id, createdAt } = newId(now());
    const webhook: StoredWebhook = {
      _id: id,
      owner_id: userId,
      url: request.url,
      description: request.description ?? null,
      events: request.events,
      assignment_id: request.assignment_id ?? null,
      enabled: true,
      disabled_reason: null,
      secret: newSecret(),
      previous_secret: null,
      previous_secret_until: null,
      leased_until: new Date(0),
      lease: null,
      created_at: createdAt,
      last_success_at: null,
      failing_since: null,
    };
    await webhooks.create(webhook);
    return { ...(await this.view(webhook)), secret: webhook.secret };
  }

  async list({ userId }: Actor, { limit, cursor }: { limit: number; cursor?: string | undefined }) {
    const filters = { owner: userId };
    const after = decodeCursor('webhooks', filters, cursor);
    const rows = await this.parts.webhooks
      .find({ owner_id: userId, ...(after === undefined ? {} : { _id: { $lt: after } }) })
      .sort({ _id: -1 })
      .limit(limit + 1)
      .lean<StoredWebhook[]>();
    const { items, next_cursor } = cutPage(rows, limit, 'webhooks', filters, (row) => row);
    return { items: await Promise.all(items.map((row) => this.view(row))), next_cursor };
  }

  /** @throws ProblemError `not_found`, for those of others too */
  async get(actor: Actor, webhookId: string): Promise<Webhook> {
    return this.view(await this.mustFind(actor, webhookId));
  }

  /** @throws ProblemError `not_found`, `invalid_request` */
  async update(actor: Actor, webhookId: string, { enabled, ...change }: WebhookUpdate): Promise<Webhook> {
    if (change.events !== undefined) this.assertTold(change.events);
    const state =
      enabled === undefined
        ? {}
        : { enabled, disabled_reason: enabled ? null : ('by_owner' as const), failing_since: null };
    const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
    return this.view(await this.change(actor, webhookId, { ...given, ...state }));
  }

  /** @throws ProblemError `not_found` */
  async remove(actor: Actor, webhookId: string): Promise<void> {
    const { _id } = await this.mustFind(actor, webhookId);
    await this.parts.webhooks.deleteOne({ _id });
    await this.parts.deliveries.deleteMany({ webhook_id: _id });
  }

  /** @throws ProblemError `not_found` */
  async rotate(actor: Actor, webhookId: string): Promise<WebhookCreated> {
    const { secret: previous } = await this.mustFind(actor, webhookId);
    const secret = newSecret();
    const webhook = await this.change(actor, webhookId, {
      secret,
      previous_secret: previous,
      previous_secret_until: new Date(this.parts.now().getTime() + rotationMs),
    });
    return { ...(await this.view(webhook)), secret };
  }

  /** @throws ProblemError `not_found` */
  async mustFind({ userId }: Actor, webhookId: string): Promise<StoredWebhook> {
    const found = await this.parts.webhooks
      .findOne({ _id: objectId(webhookId), owner_id: userId })
      .lean<StoredWebhook>();
    if (found === null) throw notFound('webhook', webhookId);
    return found;
  }

  private async change(
    { userId }: Actor,
    webhookId: string,
    change: Partial<StoredWebhook>,
  ): Promise<StoredWebhook> {
    const changed = await this.parts.webhooks
      .findOneAndUpdate(
        { _id: objectId(webhookId), owner_id: userId },
        { $set: change },
        { returnDocument: 'after' },
      )
      .lean<StoredWebhook>();
    if (changed === null) throw notFound('webhook', webhookId);
    return changed;
  }

  private assertTold(events: readonly WebhookEvent[]): void {
    const { service } = this.parts;
    const at = events.findIndex((event) => webhookEvents[event].service !== service);
    const event = events[at];
    if (event === undefined) return;
    throw badField(
      `events[${at}]`,
      `${event} is told by the ${webhookEvents[event].service}: subscribe there`,
    );
  }

  private async view(webhook: StoredWebhook): Promise<Webhook> {
    const { _id, owner_id, url, description, events, assignment_id, enabled, disabled_reason } = webhook;
    const waiting = await this.parts.deliveries.countDocuments({ webhook_id: _id, state: 'pending' });
    return {
      webhook_id: String(_id),
      owner_id,
      url,
      description,
      events,
      assignment_id,
      enabled,
      disabled_reason,
      waiting,
      previous_secret_until: webhook.previous_secret_until?.toISOString() ?? null,
      created_at: webhook.created_at.toISOString(),
      last_success_at: webhook.last_success_at?.toISOString() ?? null,
      failing_since: webhook.failing_since?.toISOString() ?? null,
    };
  }
}

function badField(path: string, reason: string): ProblemError {
  return new ProblemError('invalid_request', {
    detail: `body ${path} ${reason}.`,
    errors: [{ in: 'body', path, reason }],
  });
}
