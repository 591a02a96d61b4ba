import { newId } from '@cloudemy/mongo';
import type { Logger } from '@cloudemy/service';
import type { AuditModel, StoredRecord } from './model.js';

type Needed = 'event' | 'user_id' | 'namespace';

/** What happened; what is left out does not apply. */
export type Happening = Pick<StoredRecord, Needed> & Partial<Omit<StoredRecord, '_id' | 'at'>>;

/** Keeps who did what, from where and when. */
export class AuditTrail {
  /** Written one after the other, so that records tell the order of events. */
  #writing: Promise<unknown> = Promise.resolve();

  private readonly model: AuditModel;
  private readonly log: Logger;

  constructor(model: AuditModel, log: Logger) {
    this.model = model;
    this.log = log;
  }

  /** @throws when it could not be recorded: what is not on record must not happen */
  async record(happening: Happening): Promise<void> {
    await this.model.create(this.#entry(happening));
  }

  /** Records what has happened already. An outage costs the record, of which the log line remains. */
  note(happening: Happening): void {
    const entry = this.#entry(happening);
    this.#writing = this.#writing
      .then(() => this.model.create(entry))
      .catch((error: unknown) => {
        this.log.error({ err: error, audit: entry }, 'an audit record could not be stored');
      });
  }

  /** Waits for what is being written. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  #entry(happening: Happening): StoredRecord {
    const { id, createdAt } = newId();
    const entry: StoredRecord = { ...nothing, ...happening, _id: id, at: createdAt };
    const { _id, session_id: session, ...fields } = entry;
    // Where nobody signs in, a session's id opens its door while it lasts: the log gets its beginning.
    this.log.info({ ...fields, session_id: session?.slice(0, 8) ?? null }, `audit: ${entry.event}`);
    return entry;
  }
}

const nothing = {
  address: null,
  deployment_id: null,
  job_name: null,
  pod_name: null,
  container_name: null,
  shell: null,
  session_id: null,
  objects: [],
  reason: null,
  exit_code: null,
  bytes_in: null,
  bytes_out: null,
};
