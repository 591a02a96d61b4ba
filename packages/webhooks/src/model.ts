import type { Webhook, WebhookDeliveryState, WebhookEvent, WebhookMessage } from '@cloudemy/contracts';
import { storedModel, storedSchema } from '@cloudemy/mongo';
import { type Connection, type Model, Schema, type Types } from 'mongoose';

/** Who tells. Services can share a database: each has its own collections. */
export type TellingService = 'backend' | 'deployer';

export interface StoredWebhook {
  _id: Types.ObjectId;
  owner_id: string;
  url: string;
  description: string | null;
  events: WebhookEvent[];
  assignment_id: string | null;
  enabled: boolean;
  disabled_reason: Webhook['disabled_reason'];
  /** In clear, as whoever signs needs it. Never shown but when it is made. */
  secret: string;
  previous_secret: string | null;
  previous_secret_until: Date | null;
  /** Until then one replica delivers its messages and the others leave them alone. */
  leased_until: Date;
  /** Of whoever holds the lease. */
  lease: string | null;
  created_at: Date;
  last_success_at: Date | null;
  failing_since: Date | null;
}

export interface StoredTry {
  at: Date;
  status: number | null;
  error: string | null;
  duration_ms: number;
}

/** One message to one webhook: the outbox while it is pending, the history afterwards. */
export interface StoredDelivery {
  _id: Types.ObjectId;
  webhook_id: Types.ObjectId;
  /** Of what happened: telling it again adds nothing. */
  message_id: string;
  state: WebhookDeliveryState;
  message: WebhookMessage;
  tries: StoredTry[];
  /** Tries since it was asked for last. */
  tried: number;
  due_at: Date;
  created_at: Date;
  /** MongoDB removes it then. */
  expires_at: Date;
}

export type WebhookModel = Model<StoredWebhook>;
export type DeliveryModel = Model<StoredDelivery>;

const { ObjectId, Mixed } = Schema.Types;
const required = true;

export interface WebhookModels {
  webhooks: WebhookModel;
  deliveries: DeliveryModel;
}

export const webhookModels = (connection: Connection, service: TellingService): WebhookModels => ({
  webhooks: webhookModel(connection, service),
  deliveries: deliveryModel(connection, service),
});

function webhookModel(connection: Connection, service: TellingService): WebhookModel {
  const schema = storedSchema<StoredWebhook>(
    {
      _id: { type: ObjectId, required },
      owner_id: { type: String, required },
      url: { type: String, required },
      description: { type: String, default: null },
      events: { type: [String], required },
      assignment_id: { type: String, default: null },
      enabled: { type: Boolean, required },
      disabled_reason: { type: String, default: null },
      secret: { type: String, required },
      previous_secret: { type: String, default: null },
      previous_secret_until: { type: Date, default: null },
      leased_until: { type: Date, required },
      lease: { type: String, default: null },
      created_at: { type: Date, required },
      last_success_at: { type: Date, default: null },
      failing_since: { type: Date, default: null },
    },
    `${service}_webhooks`,
  );
  schema.index({ owner_id: 1, _id: -1 });
  return storedModel<StoredWebhook>(connection, `${service}_webhooks`, schema);
}

function deliveryModel(connection: Connection, service: TellingService): DeliveryModel {
  const schema = storedSchema<StoredDelivery>(
    {
      _id: { type: ObjectId, required },
      webhook_id: { type: ObjectId, required },
      message_id: { type: String, required },
      state: { type: String, required },
      message: { type: Mixed, required },
      tries: { type: Mixed, required },
      tried: { type: Number, required },
      due_at: { type: Date, required },
      created_at: { type: Date, required },
      expires_at: { type: Date, required },
    },
    `${service}_webhook_deliveries`,
  );
  schema.index({ webhook_id: 1, message_id: 1 }, { unique: true });
  schema.index({ webhook_id: 1, state: 1, due_at: 1 });
  schema.index({ webhook_id: 1, _id: -1 });
  schema.index({ due_at: 1 }, { partialFilterExpression: { state: 'pending' } });
  schema.index({ expires_at: 1 }, { expireAfterSeconds: 0 });
  return storedModel<StoredDelivery>(connection, `${service}_webhook_deliveries`, schema);
}
