import type { AuditOutcome, AuditRecord } from '@cloudemy/contracts';
import { storedModel, storedSchema } from '@cloudemy/mongo';
import { type Connection, type Model, Schema, type Types } from 'mongoose';

export type AuditService = AuditRecord['service'];

/** What records of before there were refusals lack. */
type Later = 'request_id' | 'object_kind' | 'object_id' | 'detail';

/** One thing that somebody did or tried, as `AuditRecord` of the contract describes it. */
export interface StoredRecord
  extends
    Omit<AuditRecord, 'audit_id' | 'at' | 'service' | 'outcome' | 'count' | Later>,
    Partial<Pick<AuditRecord, Later>> {
  _id: Types.ObjectId;
  at: Date;
  /** Absent counts as `succeeded`. */
  outcome?: AuditOutcome;
  /** Absent counts as one. */
  count?: number;
  /** MongoDB removes it then. */
  expires_at?: Date;
}

export type AuditModel = Model<StoredRecord>;

const required = true;
const text = { type: String, default: null };
const number = { type: Number, default: null };

/** Services can share a database: each has its own collection, as the rights of their users may ask for. */
const collections: Record<AuditService, string> = { backend: 'backend_audit', deployer: 'audit' };

const filtered: Record<AuditService, readonly string[]> = {
  backend: ['user_id', 'event', 'outcome', 'object_id'],
  deployer: ['user_id', 'event', 'outcome', 'object_id', 'job_name', 'deployment_id', 'session_id'],
};

export function auditModel(connection: Connection, service: AuditService): AuditModel {
  const schema = storedSchema<StoredRecord>(
    {
      _id: { type: Schema.Types.ObjectId, required },
      at: { type: Date, required },
      event: { type: String, required },
      outcome: { type: String },
      count: { type: Number },
      user_id: text,
      address: text,
      request_id: text,
      object_kind: text,
      object_id: text,
      detail: text,
      namespace: text,
      deployment_id: text,
      job_name: text,
      pod_name: text,
      container_name: text,
      shell: text,
      session_id: text,
      objects: { type: [String], required },
      reason: text,
      exit_code: number,
      bytes_in: number,
      bytes_out: number,
      expires_at: { type: Date },
    },
    collections[service],
  );
  for (const field of filtered[service]) schema.index({ [field]: 1, _id: -1 });
  schema.index({ expires_at: 1 }, { expireAfterSeconds: 0 });
  return storedModel<StoredRecord>(connection, collections[service], schema);
}
