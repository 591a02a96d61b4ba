import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CommandError } from '../errors.js';
import type { Change, Journal } from './journal.js';
import { syncFolder } from './log-file.js';
import { encodeChange, MAGIC } from './log-record.js';

/** `sync`: on the disk before the answer. `write`: with the operating system, which survives kill -9 only. */
export type Durability = 'sync' | 'write';

/** A log is rewritten when it is this many times the data, and not small; sooner at start, when nobody waits yet. */
const COMPACTION = { factor: 4, minBytes: 8 * 1024 * 1024 };
const START_COMPACTION = { factor: 2, minBytes: 1024 * 1024 };
const WRITE_BYTES = 1024 * 1024;

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** What a rewritten log starts with. */
export interface Snapshot {
  /** Bytes of all documents now. */
  readonly byteSize: () => number;
  /** Every change that leads to the present state. Collected at once, before anything else can happen. */
  readonly changes: () => Change[];
}

/**
 * The append-only log. Writers that arrive while a write is under way share the next one, and so its sync: a
 * hundred concurrent writes cost a few syncs.
 */
export class LogJournal implements Journal {
  readonly #path: string;
  readonly #durability: Durability;
  readonly #snapshot: Snapshot;
  #file: FileHandle;
  #size: number;
  #pending: Buffer[] = [];
  #waiters: Waiter[] = [];
  #running: Promise<void> | undefined;
  #failure: CommandError | undefined;
  /** The log is left alone below this size. */
  #compactAbove = COMPACTION.minBytes;

  private constructor(
    path: string,
    file: FileHandle,
    size: number,
    durability: Durability,
    snapshot: Snapshot,
  ) {
    this.#path = path;
    this.#file = file;
    this.#size = size;
    this.#durability = durability;
    this.#snapshot = snapshot;
  }

  /**
   * Opens the log for appending behind its whole records.
   * @param size bytes of whole records, 0 for a new log
   */
  static async open(
    path: string,
    size: number,
    durability: Durability,
    snapshot: Snapshot,
  ): Promise<LogJournal> {
    const file = await open(path, size === 0 ? 'w+' : 'r+');
    await file.truncate(size);
    if (size === 0) await file.write(MAGIC, 0, MAGIC.length, 0);
    await file.sync();
    await syncFolder(dirname(path));
    const journal = new LogJournal(path, file, Math.max(size, MAGIC.length), durability, snapshot);
    if (journal.#isWasteful(START_COMPACTION)) await journal.#compact();
    return journal;
  }

  append(change: Change): void {
    if (this.#failure) return;
    this.#pending.push(encodeChange(change));
  }

  flushed(): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    if (this.#pending.length === 0 && !this.#running) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.#running ??= this.#drain();
    });
  }

  async close(): Promise<void> {
    await this.flushed().catch(() => undefined);
    await this.#running;
    await this.#file.close();
  }

  async #drain(): Promise<void> {
    while (this.#waiters.length > 0) {
      const waiters = this.#waiters;
      const records = this.#pending;
      this.#waiters = [];
      this.#pending = [];
      try {
        if (records.length > 0) await this.#write(records);
        for (const { resolve } of waiters) resolve();
        if (this.#isWasteful({ ...COMPACTION, minBytes: this.#compactAbove })) await this.#compact();
      } catch (error) {
        this.#fail(error, waiters);
      }
    }
    this.#running = undefined;
  }

  #fail(error: unknown, waiters: readonly Waiter[]): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#failure ??= new CommandError(14031, `cannot write ${this.#path}: ${reason}`, {}, { cause: error });
    for (const { reject } of [...waiters, ...this.#waiters]) reject(this.#failure);
    this.#waiters = [];
  }

  async #write(records: readonly Buffer[]): Promise<void> {
    const bytes = Buffer.concat(records);
    this.#size = await writeAll(this.#file, bytes, this.#size);
    if (this.#durability === 'sync') await this.#file.datasync();
  }

  #isWasteful({ factor, minBytes }: typeof COMPACTION): boolean {
    return this.#size > minBytes && this.#size > factor * this.#snapshot.byteSize();
  }

  /**
   * Writes the present state to a new file and puts it in the place of the log. Changes made meanwhile wait in
   * `#pending` and follow in the new log; those the snapshot holds already are harmless twice. When it fails the
   * old log goes on being used.
   */
  async #compact(): Promise<void> {
    const temporary = `${this.#path}.new`;
    const replaced = this.#file;
    try {
      const { file, size } = await replaceLog(this.#path, temporary, this.#snapshot.changes());
      this.#file = file;
      this.#size = size;
      this.#compactAbove = COMPACTION.minBytes;
    } catch {
      // Most likely the disk is full; trying again at once would only slow down writers.
      this.#compactAbove = this.#size * 2;
      await rm(temporary, { force: true });
      return;
    }
    await syncFolder(dirname(this.#path));
    await replaced.close();
  }
}

/** Writes changes to a new log, down to the disk, and puts it in the place of the old one. */
async function replaceLog(
  path: string,
  temporary: string,
  changes: readonly Change[],
): Promise<{ file: FileHandle; size: number }> {
  const file = await open(temporary, 'w+');
  try {
    let size = await writeAll(file, MAGIC, 0);
    let batch: Buffer[] = [];
    let batched = 0;
    for (const [i, change] of changes.entries()) {
      const record = encodeChange(change);
      batch.push(record);
      batched += record.length;
      if (batched < WRITE_BYTES && i < changes.length - 1) continue;
      size = await writeAll(file, Buffer.concat(batch), size);
      batch = [];
      batched = 0;
    }
    await file.sync();
    await rename(temporary, path);
    return { file, size };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Writes all bytes at a position; gives the position behind them. */
async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<number> {
  let written = 0;
  while (written < bytes.length) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, position + written);
    written += bytesWritten;
  }
  return position + written;
}
