import { z } from 'zod';
import { Id, Timestamp, Title, page, pageQuery } from './primitives.js';

/** What can be told, by which service, and what each event names. */
export const webhookEvents = {
  'submission.graded': { service: 'backend', about: 'An attempt was graded.' },
  'submission.failed': {
    service: 'backend',
    about: 'An attempt has failed for good. A grade in force before it stays.',
  },
  'review.requested': { service: 'backend', about: 'A student asks for another look at a grade.' },
  'review.resolved': { service: 'backend', about: 'Somebody answered such a request.' },
  'regrade.done': {
    service: 'backend',
    about: 'A bulk regrade has ended, or waits for somebody to look at it.',
  },
  'deployment.deployed': { service: 'deployer', about: 'All of a deployment was applied.' },
  'deployment.incomplete': { service: 'deployer', about: 'Only a part of a deployment could be applied.' },
  'deployment.deleted': { service: 'deployer', about: 'Nothing is left of a deployment.' },
  'job.ended': { service: 'deployer', about: 'A deployed Job has succeeded or failed.' },
} as const satisfies Record<string, { service: 'backend' | 'deployer'; about: string }>;

const toldEvents = Object.keys(webhookEvents).filter((name) => isWebhookEvent(name));

export const WebhookEvent = z.enum(toldEvents).meta({
  id: 'WebhookEvent',
  description: Object.entries(webhookEvents)
    .map(([name, { service, about }]) => `\`${name}\` (${service}): ${about}`)
    .join('\n\n'),
});
export type WebhookEvent = keyof typeof webhookEvents;

function isWebhookEvent(name: string): name is WebhookEvent {
  return Object.hasOwn(webhookEvents, name);
}

/** What the message of a test is called; nobody subscribes to it. */
export const webhookTestEvent = 'webhook.test';

/** What is sent: names, and never a score, code or a text of anybody. Who is told reads the rest as themselves. */
export const WebhookMessage = z
  .object({
    type: z.union([WebhookEvent, z.literal(webhookTestEvent)]),
    timestamp: Timestamp.describe('When it happened.'),
    data: z
      .record(z.string(), z.union([z.string(), z.number(), z.null()]))
      .describe('Ids and states of what it is about, such as `submission_id`, `attempt` and `status`.'),
  })
  .meta({
    id: 'WebhookMessage',
    description:
      'The body of a message, signed as https://www.standardwebhooks.com says: headers `webhook-id`, `webhook-timestamp` and `webhook-signature`. The same id can arrive twice; a receiver keeps those it knows.',
  });
export type WebhookMessage = z.output<typeof WebhookMessage>;

const WebhookUrl = z
  .string()
  .max(2_000)
  .pipe(z.url({ protocol: /^https?$/, error: 'must be an https:// URL' }))
  .refine((url) => !/^https?:\/\/[^/?#]*@/i.test(url), 'must not hold a user or a password')
  .refine((url) => !url.includes('#'), 'must not hold a fragment (#…)');

const events = z
  .array(WebhookEvent)
  .min(1, 'must name at least one event')
  .max(toldEvents.length)
  .transform((all) => [...new Set(all)]);

export const WebhookCreate = z
  .strictObject({
    url: WebhookUrl.describe('Where messages are posted. Redirects are not followed.'),
    description: Title.optional(),
    events,
    assignment_id: Id.optional().describe('Only what is about this assignment; of the backend alone.'),
  })
  .meta({ id: 'WebhookCreate' });
export type WebhookCreate = z.output<typeof WebhookCreate>;

export const WebhookUpdate = z
  .strictObject({
    url: WebhookUrl.optional(),
    description: Title.nullable().optional(),
    events: events.optional(),
    enabled: z
      .boolean()
      .optional()
      .describe('`true` sets one that was disabled to work again; what waits is then sent.'),
  })
  .refine((change) => Object.keys(change).length > 0, 'must change something')
  .meta({ id: 'WebhookUpdate' });
export type WebhookUpdate = z.output<typeof WebhookUpdate>;

export const Webhook = z
  .object({
    webhook_id: Id,
    owner_id: z
      .string()
      .describe('Who is told: about what is theirs, and what belongs to assignments of theirs.'),
    url: z.string(),
    description: z.string().nullable(),
    events: z.array(WebhookEvent),
    assignment_id: Id.nullable(),
    enabled: z.boolean(),
    disabled_reason: z
      .enum(['by_owner', 'gone', 'failing', 'too_many_waiting'])
      .nullable()
      .describe(
        '`gone`: the target answered 410. `failing`: it took nothing for five days. `too_many_waiting`: more than it takes.',
      ),
    waiting: z.int().describe('Messages that are still to be delivered.'),
    previous_secret_until: Timestamp.nullable().describe(
      'Until then messages carry a signature by the secret before the last rotation too.',
    ),
    created_at: Timestamp,
    last_success_at: Timestamp.nullable(),
    failing_since: Timestamp.nullable().describe('Since when nothing was taken; null while all is well.'),
  })
  .meta({ id: 'Webhook' });
export type Webhook = z.output<typeof Webhook>;

const secret = z
  .string()
  .describe('`whsec_` and base64: what the receiver verifies signatures with. Shown this once.');

export const WebhookCreated = Webhook.extend({ secret }).meta({ id: 'WebhookCreated' });
export type WebhookCreated = z.output<typeof WebhookCreated>;

export const WebhookPage = page(Webhook, 'WebhookPage');
export const WebhookQuery = z.strictObject(pageQuery);

export const WebhookDeliveryState = z
  .enum(['pending', 'delivered', 'failed', 'cancelled'])
  .meta({ id: 'WebhookDeliveryState' });
export type WebhookDeliveryState = z.output<typeof WebhookDeliveryState>;

export const WebhookTry = z
  .object({
    at: Timestamp,
    status: z.int().nullable().describe('What the target answered; null when it did not.'),
    error: z.string().nullable().describe('Why it counts as not taken.'),
    duration_ms: z.int(),
  })
  .meta({ id: 'WebhookTry' });
export type WebhookTry = z.output<typeof WebhookTry>;

export const WebhookDelivery = z
  .object({
    delivery_id: Id,
    message_id: z.string().describe('The header `webhook-id`: the same for each try and replay.'),
    state: WebhookDeliveryState,
    message: WebhookMessage,
    tries: z.array(WebhookTry).describe('The last ten.'),
    next_try_at: Timestamp.nullable(),
    created_at: Timestamp,
  })
  .meta({ id: 'WebhookDelivery' });
export type WebhookDelivery = z.output<typeof WebhookDelivery>;

export const WebhookDeliveryPage = page(WebhookDelivery, 'WebhookDeliveryPage');
export const WebhookDeliveryQuery = z.strictObject({ ...pageQuery, state: WebhookDeliveryState.optional() });
