import type { Clock } from '@cloudemy/mongo';
import type { Logger } from '@cloudemy/service';
import { Announcer } from './delivery/announcer.js';
import { Courier } from './delivery/courier.js';
import type { TellingService, WebhookModels } from './model.js';
import { History } from './subscriptions/history.js';
import { webhookHandlers } from './subscriptions/routes.js';
import { Subscriptions } from './subscriptions/subscriptions.js';
import type { PrivateNetworks } from './target/addresses.js';

export interface WebhooksOptions {
  service: TellingService;
  models: WebhookModels;
  networks: PrivateNetworks;
  now: Clock;
  log: Logger;
  /** Those of some users who are told nothing any more; nobody when left out. */
  disabledAmong?: (userIds: readonly string[]) => Promise<ReadonlySet<string>>;
  answerMs?: number;
}

/** Webhooks of a service: its routes, what puts messages into the outbox, and what delivers them. */
export function createWebhooks(options: WebhooksOptions) {
  const { service, now } = options;
  const { webhooks, deliveries } = options.models;
  const subscriptions = new Subscriptions({ service, webhooks, deliveries, now });
  const history = new History(subscriptions, deliveries, now);
  return {
    subscriptions,
    history,
    handlers: webhookHandlers(subscriptions, history),
    announcer: new Announcer(webhooks, deliveries, now, options.disabledAmong ?? (async () => new Set())),
    courier: new Courier({ ...options, webhooks, deliveries }),
  };
}
export type Webhooks = ReturnType<typeof createWebhooks>;
