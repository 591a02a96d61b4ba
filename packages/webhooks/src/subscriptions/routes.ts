import { actorOf, tellAudit } from '@cloudemy/auth';
import type { WebhookCreated, webhooksApi } from '@cloudemy/contracts';
import type { Handlers } from '@cloudemy/service';
import type { History } from './history.js';
import type { Subscriptions } from './subscriptions.js';

export function webhookHandlers(
  subscriptions: Subscriptions,
  history: History,
): Handlers<typeof webhooksApi> {
  return {
    createWebhook: async ({ res, body }) => {
      const made = await subscriptions.create(actorOf(res), body);
      tellAudit(res, { object_kind: 'webhook', object_id: made.webhook_id, detail: body.events.join(', ') });
      const headers = { ...noStore, Location: `/webhooks/${made.webhook_id}` };
      return { status: 201, headers, body: made };
    },
    listWebhooks: async ({ res, query }) => ({
      status: 200,
      body: await subscriptions.list(actorOf(res), query),
    }),
    getWebhook: async ({ res, params }) => ({
      status: 200,
      body: await subscriptions.get(actorOf(res), params.webhook_id),
    }),
    updateWebhook: async ({ res, params, body }) => ({
      status: 200,
      body: await subscriptions.update(actorOf(res), params.webhook_id, body),
    }),
    deleteWebhook: async ({ res, params }) => {
      await subscriptions.remove(actorOf(res), params.webhook_id);
      return { status: 204 };
    },
    rotateWebhookSecret: async ({ res, params }) => {
      const body: WebhookCreated = await subscriptions.rotate(actorOf(res), params.webhook_id);
      return { status: 200, headers: noStore, body };
    },
    testWebhook: async ({ res, params }) => ({
      status: 202,
      body: await history.test(actorOf(res), params.webhook_id),
    }),
    listWebhookDeliveries: async ({ res, params, query }) => ({
      status: 200,
      body: await history.list(actorOf(res), params.webhook_id, query),
    }),
    replayWebhookDelivery: async ({ res, params }) => ({
      status: 202,
      body: await history.replay(actorOf(res), params.webhook_id, params.delivery_id),
    }),
  };
}

const noStore = { 'Cache-Control': 'no-store' };
