import type { AuditEvent } from '@cloudemy/contracts';
import { storedModel, storedSchema } from '@cloudemy/mongo';
import { type Connection, type Model, Schema, type Types } from 'mongoose';

/** One thing that somebody did, as `AuditRecord` of the contract describes it. Records are only ever added. */
export interface StoredRecord {
  _id: Types.ObjectId;
  at: Date;
  event: AuditEvent;
  user_id: string;
  address: string | null;
  namespace: string;
  deployment_id: string | null;
  job_name: string | null;
  pod_name: string | null;
  container_name: string | null;
  shell: string | null;
  session_id: string | null;
  objects: string[];
  reason: string | null;
  exit_code: number | null;
  bytes_in: number | null;
  bytes_out: number | null;
}

export type AuditModel = Model<StoredRecord>;

const text = { type: String, default: null };
const number = { type: Number, default: null };

const schema = storedSchema<StoredRecord>(
  {
    _id: { type: Schema.Types.ObjectId, required: true },
    at: { type: Date, required: true },
    event: { type: String, required: true },
    user_id: { type: String, required: true },
    address: text,
    namespace: { type: String, required: true },
    deployment_id: text,
    job_name: text,
    pod_name: text,
    container_name: text,
    shell: text,
    session_id: text,
    objects: { type: [String], required: true },
    reason: text,
    exit_code: number,
    bytes_in: number,
    bytes_out: number,
  },
  'audit',
);
schema.index({ user_id: 1, _id: -1 });
schema.index({ event: 1, _id: -1 });
schema.index({ job_name: 1, _id: -1 });
schema.index({ deployment_id: 1, _id: -1 });
schema.index({ session_id: 1, _id: -1 });

export const auditModel = (connection: Connection): AuditModel =>
  storedModel<StoredRecord>(connection, 'Audit', schema);
