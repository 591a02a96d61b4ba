export { webhookEnv } from './config.js';
export type { Announcer, Happening } from './delivery/announcer.js';
export { type DeliveryModel, type WebhookModel, webhookModels } from './model.js';
export type { PrivateNetworks } from './target/addresses.js';
export * from './webhooks.js';
