import { z } from 'zod';
import { defineApi } from '../http/route.js';
import { Id } from '../primitives.js';
import {
  Webhook,
  WebhookCreate,
  WebhookCreated,
  WebhookDelivery,
  WebhookDeliveryPage,
  WebhookDeliveryQuery,
  WebhookMessage,
  WebhookPage,
  WebhookQuery,
  WebhookUpdate,
} from '../webhooks.js';

const webhookId = z.object({ webhook_id: Id });

/** Being told of what happens, by messages signed as Standard Webhooks says. Both services serve it. */
export const webhooksApi = defineApi({
  createWebhook: {
    method: 'post',
    path: '/webhooks',
    tag: 'Webhooks',
    summary: 'Be told of what happens at a URL of yours',
    description:
      'Messages are posted until one of the tries is answered with 2xx: at once, and then after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h and 10 h. They can come twice and out of order. They lead to no private address unless the operator allows it. The secret is in this answer alone.',
    messages: [WebhookMessage],
    auth: 'user',
    body: WebhookCreate,
    responses: {
      201: {
        description: 'Created.',
        schema: WebhookCreated,
        headers: { Location: 'Where the new resource is.' },
      },
    },
    problems: ['quota_exceeded'],
  },
  listWebhooks: {
    method: 'get',
    path: '/webhooks',
    tag: 'Webhooks',
    summary: 'List your webhooks, newest first',
    auth: 'user',
    query: WebhookQuery,
    responses: { 200: { description: 'A page.', schema: WebhookPage } },
  },
  getWebhook: {
    method: 'get',
    path: '/webhooks/{webhook_id}',
    tag: 'Webhooks',
    summary: 'Read a webhook: whether its messages arrive',
    auth: 'user',
    params: webhookId,
    responses: { 200: { description: 'The webhook.', schema: Webhook } },
    problems: ['not_found'],
  },
  updateWebhook: {
    method: 'patch',
    path: '/webhooks/{webhook_id}',
    tag: 'Webhooks',
    summary: 'Change a webhook, disable it, or enable it again',
    auth: 'user',
    params: webhookId,
    body: WebhookUpdate,
    responses: { 200: { description: 'The webhook as it is now.', schema: Webhook } },
    problems: ['not_found'],
  },
  rotateWebhookSecret: {
    method: 'post',
    path: '/webhooks/{webhook_id}/rotate-secret',
    tag: 'Webhooks',
    summary: 'Give a webhook a new secret',
    description:
      'For 24 hours messages carry a signature by each of the two, so that none is lost meanwhile.',
    auth: 'user',
    params: webhookId,
    responses: { 200: { description: 'With the new secret.', schema: WebhookCreated } },
    problems: ['not_found'],
  },
  testWebhook: {
    method: 'post',
    path: '/webhooks/{webhook_id}/test',
    tag: 'Webhooks',
    summary: 'Send a message `webhook.test`',
    auth: 'user',
    params: webhookId,
    responses: { 202: { description: 'It is on its way.', schema: WebhookDelivery } },
    problems: ['not_found', 'conflict', 'quota_exceeded'],
  },
  listWebhookDeliveries: {
    method: 'get',
    path: '/webhooks/{webhook_id}/deliveries',
    tag: 'Webhooks',
    summary: 'List the messages of the last 14 days with what became of them, newest first',
    auth: 'user',
    params: webhookId,
    query: WebhookDeliveryQuery,
    responses: { 200: { description: 'A page.', schema: WebhookDeliveryPage } },
    problems: ['not_found'],
  },
  replayWebhookDelivery: {
    method: 'post',
    path: '/webhooks/{webhook_id}/deliveries/{delivery_id}/replay',
    tag: 'Webhooks',
    summary: 'Send a message once more',
    auth: 'user',
    params: webhookId.extend({ delivery_id: Id }),
    responses: { 202: { description: 'It is on its way.', schema: WebhookDelivery } },
    problems: ['not_found', 'conflict'],
  },
  deleteWebhook: {
    method: 'delete',
    path: '/webhooks/{webhook_id}',
    tag: 'Webhooks',
    summary: 'Delete a webhook with its history',
    auth: 'user',
    params: webhookId,
    responses: { 204: { description: 'Deleted.' } },
    problems: ['not_found'],
  },
});
