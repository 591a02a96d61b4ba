import { randomUUID } from 'node:crypto';
import type { Clock } from '@cloudemy/mongo';
import type { Logger } from '@cloudemy/service';
import type { Types } from 'mongoose';
import { answerMs, failingForMs, leaseMs, maxTriesShown, pausesMs } from '../limits.js';
import type { DeliveryModel, StoredDelivery, StoredTry, StoredWebhook, WebhookModel } from '../model.js';
import type { PrivateNetworks } from '../target/addresses.js';
import { post } from '../target/post.js';
import { signedHeaders } from '../target/signature.js';

export interface CourierParts {
  webhooks: WebhookModel;
  deliveries: DeliveryModel;
  networks: PrivateNetworks;
  now: Clock;
  log: Logger;
  /** Milliseconds a target has to answer; 10 s when left out. */
  answerMs?: number;
}

/** Webhooks that one replica delivers to at a time: one that hangs keeps no other waiting. */
const atOnce = 16;
/** Messages of one webhook before the others have their turn. */
const inARow = 20;

/**
 * Delivers what waits. A lease on the webhook keeps replicas from sending the same twice; should one die, another takes
 * over when the lease ends, and the message arrives once more.
 */
export class Courier {
  private readonly parts: CourierParts;
  private readonly stopping = new AbortController();
  private readonly under = new Set<Promise<void>>();

  constructor(parts: CourierParts) {
    this.parts = parts;
  }

  /** Begins what is due, as far as there is room; does not wait for it. */
  async turn(): Promise<void> {
    const now = this.parts.now();
    const free = atOnce - this.under.size;
    if (free <= 0 || this.stopping.signal.aborted) return;
    for (const id of await this.due(now, free)) {
      const webhook = await this.lease(id, now);
      if (webhook !== null) this.start(webhook);
    }
  }

  /** Breaks off what is under way; it is sent again by another replica or the next start. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.under);
  }

  /** Webhooks for which something is due and that no replica works on. */
  private async due(now: Date, limit: number): Promise<Types.ObjectId[]> {
    const { deliveries, webhooks } = this.parts;
    const waiting: Types.ObjectId[] = await deliveries.distinct('webhook_id', {
      state: 'pending',
      due_at: { $lte: now },
    });
    const rows = await webhooks
      .find({ _id: { $in: waiting }, enabled: true, leased_until: { $lte: now } }, { _id: 1 })
      .sort({ leased_until: 1 })
      .limit(limit)
      .lean<Pick<StoredWebhook, '_id'>[]>();
    return rows.map(({ _id }) => _id);
  }

  private lease(_id: Types.ObjectId, now: Date): Promise<StoredWebhook | null> {
    const lease = { lease: randomUUID(), leased_until: new Date(now.getTime() + leaseMs) };
    return this.parts.webhooks
      .findOneAndUpdate(
        { _id, enabled: true, leased_until: { $lte: now } },
        { $set: lease },
        { returnDocument: 'after' },
      )
      .lean<StoredWebhook>()
      .exec();
  }

  private start(webhook: StoredWebhook): void {
    const work = this.deliverTo(webhook)
      .catch((error: unknown) => {
        this.parts.log.warn(
          { err: error, webhook_id: String(webhook._id) },
          'messages could not be delivered',
        );
      })
      .finally(() => this.under.delete(work));
    this.under.add(work);
  }

  private async deliverTo(webhook: StoredWebhook): Promise<void> {
    const { deliveries, webhooks, now } = this.parts;
    const due = await deliveries
      .find({ webhook_id: webhook._id, state: 'pending', due_at: { $lte: now() } })
      .sort({ due_at: 1 })
      .limit(inARow)
      .lean<StoredDelivery[]>();
    const until = webhook.leased_until.getTime() - this.#answerMs * 2;
    for (const delivery of due) {
      // The rest is another turn's: the lease must outlast the answer that is waited for.
      if (this.stopping.signal.aborted || now().getTime() > until) break;
      if (!(await this.deliver(webhook, delivery))) break;
    }
    const { _id, lease } = webhook;
    await webhooks.updateOne({ _id, lease }, { $set: { lease: null, leased_until: now() } });
  }

  /** @returns whether the next message may follow: not to a target that does not answer */
  private async deliver(webhook: StoredWebhook, delivery: StoredDelivery): Promise<boolean> {
    const tried = await this.attempt(webhook, delivery);
    if (this.stopping.signal.aborted && tried.status === null) return false;
    const { _id, lease } = webhook;
    const isTaken = tried.error === null;
    const tries = [...delivery.tries, tried].slice(-maxTriesShown);
    const pause = pausesMs[delivery.tried];
    const next: Partial<StoredDelivery> = isTaken
      ? { state: 'delivered' }
      : pause === undefined
        ? { state: 'failed' }
        : { due_at: new Date(this.parts.now().getTime() + pause * (0.9 + Math.random() / 5)) };
    await this.parts.deliveries.updateOne(
      // A replay that was asked for meanwhile stays asked for.
      { _id: delivery._id, state: 'pending', due_at: delivery.due_at },
      { $set: { ...next, tries, tried: delivery.tried + 1 } },
    );
    const health = this.healthAfter(webhook, tried);
    await this.parts.webhooks.updateOne({ _id, lease }, { $set: health });
    Object.assign(webhook, health);
    return health.enabled !== false && tried.status !== null;
  }

  private healthAfter(webhook: StoredWebhook, { at, status, error }: StoredTry): Partial<StoredWebhook> {
    if (error === null) return { last_success_at: at, failing_since: null };
    if (status === 410) return { enabled: false, disabled_reason: 'gone', failing_since: at };
    const since = webhook.failing_since ?? at;
    const isGivenUp = at.getTime() - since.getTime() > failingForMs;
    return {
      failing_since: since,
      ...(isGivenUp ? { enabled: false, disabled_reason: 'failing' as const } : {}),
    };
  }

  private async attempt(webhook: StoredWebhook, delivery: StoredDelivery): Promise<StoredTry> {
    const at = this.parts.now();
    const begun = performance.now();
    const body = JSON.stringify(delivery.message);
    const previous =
      webhook.previous_secret !== null && (webhook.previous_secret_until ?? at) > at
        ? [webhook.previous_secret]
        : [];
    const duration = () => Math.round(performance.now() - begun);
    try {
      const status = await post(webhook.url, {
        headers: signedHeaders([webhook.secret, ...previous], delivery.message_id, at, body),
        body,
        networks: this.parts.networks,
        timeoutMs: this.#answerMs,
        signal: this.stopping.signal,
      });
      return { at, status, error: whyNotTaken(status), duration_ms: duration() };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { at, status: null, error: message.slice(0, 300), duration_ms: duration() };
    }
  }

  get #answerMs(): number {
    return this.parts.answerMs ?? answerMs;
  }
}

function whyNotTaken(status: number): string | null {
  if (status >= 200 && status < 300) return null;
  if (status === 410) return 'answered 410: the webhook is disabled';
  if (status >= 300 && status < 400) return `answered ${status}: redirects are not followed, correct the URL`;
  return `answered ${status}`;
}
