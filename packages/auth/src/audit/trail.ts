import { GatheredInserts, databaseUnavailable } from '@cloudemy/mongo';
import type { Logger } from '@cloudemy/service';
import { type Happening, entryOf } from './entry.js';
import type { AuditModel, StoredRecord } from './model.js';
import { Refusals } from './refusals.js';

export type { Happening } from './entry.js';

export interface AuditTrailOptions {
  retentionDays: number;
  /** The clock by which refusals are counted; the machine's when left out. */
  now?: () => number;
}

/** What happened to something that was recorded before it was done. */
export type Completion = Required<Pick<Happening, 'outcome'>> & Partial<Happening>;

/** Records that may wait for the database: an outage does not fill the memory. */
const maxWaiting = 1_000;

/** Keeps who did what, from where and when, and what was refused. Every record is a line of the log too. */
export class AuditTrail {
  /** Written one after the other, so that records tell the order of events. */
  #writing: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  readonly #refusals: Refusals;

  private readonly model: AuditModel;
  readonly #inserts: GatheredInserts<StoredRecord>;
  private readonly log: Logger;
  private readonly options: AuditTrailOptions;

  constructor(model: AuditModel, log: Logger, options: AuditTrailOptions) {
    this.model = model;
    this.#inserts = new GatheredInserts(model.collection);
    this.log = log;
    this.options = options;
    this.#refusals = new Refusals((refusal) => this.note(refusal), options.now);
  }

  /** @throws ProblemError `unavailable` when it could not be recorded: what is not on record must not happen */
  async record(happening: Happening): Promise<void> {
    await this.#create(this.#entry(happening));
  }

  /**
   * Records what is about to be done.
   *
   * @returns says what happened to it
   * @throws ProblemError `unavailable` when it could not be recorded: what is not on record must not happen
   */
  async begin(happening: Happening): Promise<(completion: Completion) => Promise<void>> {
    const begun = entryOf({ ...happening, outcome: 'begun' }, this.options.retentionDays);
    await this.#create(begun);
    return async ({ event: _, ...completion }) => {
      const { outcome } = completion;
      const done = Object.fromEntries(Object.entries(completion).filter(([, value]) => value !== undefined));
      try {
        if (outcome === 'succeeded') {
          this.#tell({ ...begun, ...completion });
          await this.model.updateOne({ _id: begun._id }, { $set: done });
          return;
        }
        // Nothing was done: it counts among what is tried without end.
        this.refuse({ ...happening, ...completion });
        await this.model.deleteOne({ _id: begun._id });
      } catch (error) {
        this.#lost(error, { ...begun, ...completion });
      }
    };
  }

  /** Records what has happened already. An outage costs the record, of which the log line remains. */
  note(happening: Happening): void {
    const entry = this.#entry(happening);
    if (this.#waiting >= maxWaiting) {
      this.#lost(new Error('too many records wait for the database'), entry);
      return;
    }
    this.#waiting += 1;
    this.#writing = this.#writing
      .then(() => this.model.create(entry))
      .catch((error: unknown) => this.#lost(error, entry))
      .finally(() => (this.#waiting -= 1));
  }

  /** Records what was not done: of too many of one actor only their number. */
  refuse(happening: Happening): void {
    this.#refusals.add({ outcome: 'refused', ...happening });
  }

  /** Waits for what is being written. */
  async flush(): Promise<void> {
    this.#refusals.end();
    await this.#writing;
  }

  async #create(entry: StoredRecord): Promise<void> {
    try {
      await this.#inserts.insert(entry);
    } catch (cause) {
      this.#lost(cause, entry);
      throw databaseUnavailable(cause);
    }
  }

  #entry(happening: Happening): StoredRecord {
    const entry = entryOf(happening, this.options.retentionDays);
    this.#tell(entry);
    return entry;
  }

  /** Where nobody signs in, a session's id opens its door while it lasts: the log gets its beginning. */
  #tell({ _id, expires_at: __, session_id: session, ...told }: StoredRecord): void {
    const line = Object.fromEntries(Object.entries(told).filter(([, value]) => value !== null));
    this.log.info(
      { ...line, ...(session === null ? {} : { session_id: session.slice(0, 8) }) },
      `audit: ${told.event} ${told.outcome}`,
    );
  }

  #lost(error: unknown, entry: StoredRecord): void {
    const session = entry.session_id?.slice(0, 8) ?? null;
    this.log.error(
      { err: error, audit: { ...entry, session_id: session } },
      'an audit record could not be stored',
    );
  }
}
