import { type Webhooks, createWebhooks } from '@cloudemy/webhooks';
import { type Base, leaveAfterMs } from '../base.js';
import { Announcements } from './announcements.js';

/** Webhooks, and what hands them what happened. */
export interface Telling {
  webhooks: Webhooks;
  announcements: Announcements;
}

export function createTelling({ config, stores, users, database, log, lifecycle }: Base): Telling {
  const webhooks = createWebhooks({
    service: 'backend',
    models: stores,
    networks: config.WEBHOOK_PRIVATE_NETWORKS,
    now: database.clock.now,
    log,
    disabledAmong: (userIds) => users.disabledAmong(userIds),
  });
  lifecycle.onStop('webhooks', () => webhooks.courier.stop(), { leaveAfterMs });
  return { webhooks, announcements: new Announcements(stores, webhooks.announcer) };
}
