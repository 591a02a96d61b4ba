import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CommandError } from '../errors.js';
import type { Change, Journal } from './journal.js';
import { type LogFile, type OpenLogFile, replaceLog, syncFolder, writeAll } from './log-file.js';
import { encodeChange, MAGIC } from './log-record.js';

/** `sync`: on the disk before the answer. `write`: with the operating system, which survives kill -9 only. */
export type Durability = 'sync' | 'write';

/** A log is rewritten when it is this many times the data, and not small; sooner at start, when nobody waits yet. */
const COMPACTION = { factor: 4, minBytes: 8 * 1024 * 1024 };
const START_COMPACTION = { factor: 2, minBytes: 1024 * 1024 };
/** Room that must be found before writes are taken again after a disk was full. */
const PROBE = Buffer.alloc(64 * 1024);
const NO_ROOM = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

interface Entry {
  readonly record: Buffer;
  readonly undo: () => void;
}

/** Changes and those who wait for them. */
interface Batch {
  readonly entries: readonly Entry[];
  readonly waiters: readonly Waiter[];
}

/** What a rewritten log starts with. */
export interface Snapshot {
  /** Bytes of all documents now. */
  readonly byteSize: () => number;
  /** Every change that leads to the present state. Collected at once, before anything else can happen. */
  readonly changes: () => Change[];
}

interface LogJournalOptions {
  readonly path: string;
  /** Bytes of whole records, 0 for a new log. */
  readonly size: number;
  readonly durability: Durability;
  readonly snapshot: Snapshot;
  readonly openFile: OpenLogFile;
  readonly log: (line: string) => void;
}

/**
 * The append-only log. Writers that arrive while a write is under way share the next one, and so its sync: a
 * hundred concurrent writes cost a few syncs. What cannot be written is undone in memory, so that no read sees it,
 * and nothing more is taken until the disk has room.
 */
export class LogJournal implements Journal {
  readonly #options: LogJournalOptions;
  #file: LogFile;
  #size: number;
  #pending: Entry[] = [];
  #waiters: Waiter[] = [];
  #running: Promise<void> | undefined;
  #failure: CommandError | undefined;
  /** The log is left alone below this size. */
  #compactAbove = COMPACTION.minBytes;

  private constructor(options: LogJournalOptions, file: LogFile, size: number) {
    this.#options = options;
    this.#file = file;
    this.#size = size;
  }

  /** Opens the log for appending behind its whole records. */
  static async open(options: LogJournalOptions): Promise<LogJournal> {
    const { path, size, openFile } = options;
    const file = await openFile(path, size === 0 ? 'w+' : 'r+');
    await file.truncate(size);
    if (size === 0) await writeAll(file, MAGIC, 0);
    await file.sync();
    await syncFolder(dirname(path));
    const journal = new LogJournal(options, file, Math.max(size, MAGIC.length));
    if (journal.#isWasteful(START_COMPACTION)) await journal.#compact();
    return journal;
  }

  ready(): Promise<void> {
    return this.#failure ? this.#settled() : Promise.resolve();
  }

  append(change: Change, undo: () => void): void {
    this.#pending.push({ record: encodeChange(change), undo });
  }

  flushed(): Promise<void> {
    return this.#pending.length === 0 && !this.#running ? Promise.resolve() : this.#settled();
  }

  async close(): Promise<void> {
    await this.flushed().catch(() => undefined);
    await this.#running;
    await this.#file.close();
  }

  /** Waits for the next round of writing. */
  #settled(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.#running ??= this.#drain();
    });
  }

  async #drain(): Promise<void> {
    while (this.#waiters.length > 0) {
      const batch = this.#take();
      try {
        if (this.#failure) await this.#tryAgain();
        if (batch.entries.length > 0) await this.#write(batch.entries);
      } catch (error) {
        await this.#fail(error, batch);
        continue;
      }
      for (const { resolve } of batch.waiters) resolve();
      if (this.#isWasteful({ ...COMPACTION, minBytes: this.#compactAbove })) await this.#compact();
    }
    this.#running = undefined;
  }

  #take(): Batch {
    const batch = { entries: this.#pending, waiters: this.#waiters };
    this.#pending = [];
    this.#waiters = [];
    return batch;
  }

  async #write(entries: readonly Entry[]): Promise<void> {
    const bytes = Buffer.concat(entries.map(({ record }) => record));
    const size = await writeAll(this.#file, bytes, this.#size);
    if (this.#options.durability === 'sync') await this.#file.datasync();
    this.#size = size;
  }

  /**
   * Takes back everything that is not kept, in memory and in the file, and only then tells those who wait: a write
   * that was answered with an error is seen by no read, neither now nor after a restart.
   */
  async #fail(error: unknown, batch: Batch): Promise<void> {
    const later = this.#take();
    for (const { undo } of [...batch.entries, ...later.entries].reverse()) undo();
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const reason = error instanceof Error ? error.message : String(error);
    const failure = new CommandError(
      NO_ROOM.has(code) ? 14031 : 8,
      `cannot write ${this.#options.path}: ${reason}. Reads go on; writes do again once the disk takes them`,
      {},
      { cause: error },
    );
    if (!this.#failure) this.#options.log(`read-only: ${failure.message}`);
    this.#failure = failure;
    await this.#cutBack().catch(() => undefined);
    for (const { reject } of [...batch.waiters, ...later.waiters]) reject(failure);
  }

  async #cutBack(): Promise<void> {
    await this.#file.truncate(this.#size);
    await this.#file.datasync();
  }

  /** @throws Error while the disk still takes nothing */
  async #tryAgain(): Promise<void> {
    await this.#cutBack();
    await writeAll(this.#file, PROBE, this.#size);
    await this.#file.datasync();
    await this.#cutBack();
    this.#failure = undefined;
    this.#options.log(`${this.#options.path} can be written again`);
  }

  #isWasteful({ factor, minBytes }: typeof COMPACTION): boolean {
    return this.#size > minBytes && this.#size > factor * this.#options.snapshot.byteSize();
  }

  /**
   * Writes the present state to a new file and puts it in the place of the log. The state holds what is pending
   * already, so those who wait for that are answered with the new file. When it fails the old log continues being used.
   */
  async #compact(): Promise<void> {
    const { path, snapshot, openFile } = this.#options;
    const temporary = `${path}.new`;
    const replaced = this.#file;
    const covered = this.#take();
    try {
      const { file, size } = await replaceLog(path, temporary, snapshot.changes(), openFile);
      this.#file = file;
      this.#size = size;
      this.#compactAbove = COMPACTION.minBytes;
    } catch {
      // Most likely the disk is full; trying again at once would only slow down writers.
      this.#compactAbove = this.#size * 2;
      this.#pending.unshift(...covered.entries);
      this.#waiters.unshift(...covered.waiters);
      await rm(temporary, { force: true });
      return;
    }
    for (const { resolve } of covered.waiters) resolve();
    await replaced.close();
  }
}
