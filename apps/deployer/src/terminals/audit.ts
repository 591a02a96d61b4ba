import type { Logger } from '@cloudemy/service';
import { storedModel, storedSchema } from '@cloudemy/mongo';
import type { Connection, Model } from 'mongoose';
import type { OpenSession } from './open-session.js';

export type AuditEvent = 'opened' | 'attached' | 'detached' | 'ended';

/** One thing that happened to a terminal. Records are only ever added. */
export interface AuditRecord {
  at: Date;
  event: AuditEvent;
  session_id: string;
  /** Who did it: who opened it, or who attached. */
  user_id: string;
  /** Address of the client; null when nobody's request was the cause. */
  address: string | null;
  namespace: string;
  job_name: string;
  pod_name: string;
  pod_uid: string;
  container_name: string;
  shell: string;
  deployment_id: string;
  /** Of an end, as `terminalCloseCodes` names it; of a detachment, the code the connection closed with. */
  reason: string | null;
  exit_code: number | null;
  /** Typed and shown since it was opened. What it was is not recorded. */
  bytes_in: number;
  bytes_out: number;
}

export type AuditModel = Model<AuditRecord>;

const schema = storedSchema<AuditRecord>(
  {
    at: { type: Date, required: true },
    event: { type: String, required: true },
    session_id: { type: String, required: true },
    user_id: { type: String, required: true },
    address: { type: String, default: null },
    namespace: { type: String, required: true },
    job_name: { type: String, required: true },
    pod_name: { type: String, required: true },
    pod_uid: { type: String, required: true },
    container_name: { type: String, required: true },
    shell: { type: String, required: true },
    deployment_id: { type: String, required: true },
    reason: { type: String, default: null },
    exit_code: { type: Number, default: null },
    bytes_in: { type: Number, required: true },
    bytes_out: { type: Number, required: true },
  },
  'terminal_audit',
);
schema.index({ session_id: 1, _id: 1 });
schema.index({ user_id: 1, _id: 1 });

export const auditModel = (connection: Connection): AuditModel =>
  storedModel<AuditRecord>(connection, 'TerminalAudit', schema);

export type AuditDetails = Partial<Pick<AuditRecord, 'user_id' | 'address' | 'reason' | 'exit_code'>>;

/** Keeps who was at which terminal, from where and when. */
export class TerminalAudit {
  /** Written one after the other, so that records tell the order of events. */
  #writing: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly model: AuditModel,
    private readonly log: Logger,
  ) {}

  /** @throws when it could not be recorded: what is not on record must not happen */
  async opened(session: OpenSession, address: string): Promise<void> {
    await this.model.create(this.#record(session, 'opened', { address }));
  }

  /** Records what has happened already. An outage costs the record, of which the log line remains. */
  note(session: OpenSession, event: AuditEvent, details: AuditDetails): void {
    const record = this.#record(session, event, details);
    const write = async (): Promise<void> => {
      try {
        await this.model.create(record);
      } catch (error) {
        this.log.error({ err: error, audit: record }, 'a terminal record could not be stored');
      }
    };
    this.#writing = this.#writing.then(write);
  }

  /** Waits for what is being written. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  #record(session: OpenSession, event: AuditEvent, details: AuditDetails): AuditRecord {
    const { target, terminal } = session;
    const record: AuditRecord = {
      at: new Date(),
      event,
      session_id: session.id,
      user_id: session.owner.userId,
      address: null,
      namespace: target.namespace,
      job_name: target.jobName,
      pod_name: target.podName,
      pod_uid: target.podUid,
      container_name: target.containerName,
      shell: session.shell,
      deployment_id: session.deploymentId,
      reason: null,
      exit_code: null,
      bytes_in: terminal.traffic.bytesIn,
      bytes_out: terminal.traffic.bytesOut,
      ...details,
    };
    // The session's id opens doors while it lasts: the log gets its beginning.
    this.log.info({ ...record, session_id: record.session_id.slice(0, 8) }, `terminal ${event}`);
    return record;
  }
}
