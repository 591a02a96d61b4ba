import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@cloudemy/service';
import mongoose, { type ConnectOptions, type Connection } from 'mongoose';
import { databaseUnavailable } from './errors.js';

/**
 * Short limits, so that a request meets a 503 and not silence; majority and journal, so that what was
 * acknowledged survives the loss of a server. A standalone server understands both.
 */
const options: ConnectOptions = {
  autoIndex: false,
  autoCreate: false,
  bufferCommands: false,
  serverSelectionTimeoutMS: 1_500,
  connectTimeoutMS: 3_000,
  socketTimeoutMS: 3_000,
  waitQueueTimeoutMS: 1_500,
  maxPoolSize: 50,
  writeConcern: { w: 'majority', journal: true, wtimeoutMS: 5_000 },
  readConcern: { level: 'majority' },
};

const retryMs = 500;

/** A connection that may be asked for before it stands. */
export class Database {
  readonly connection: Connection = mongoose.createConnection();
  private prepared = false;
  private readonly stopping = new AbortController();
  private opening: Promise<void> = Promise.resolve();

  /** @param appName shown by MongoDB beside what this process does */
  constructor(
    private readonly appName: string,
    private readonly log: Logger,
  ) {
    // Operations report what they meet; without a listener the event would end the process.
    this.connection.on('error', (error: unknown) => {
      log.warn({ err: error }, 'the connection to MongoDB failed');
    });
  }

  /**
   * Connects in the background and tries again until it stands.
   *
   * @param prepare what must be there before anything is served, such as indexes; tried again too
   */
  open(uri: string, dbName: string, prepare: () => Promise<unknown>): void {
    this.opening = this.openUntilItStands(uri, dbName, prepare);
  }

  get ready(): boolean {
    return this.prepared;
  }

  /** @throws ProblemError `unavailable` before the first connection stands */
  assertReady(): void {
    if (!this.prepared) throw databaseUnavailable();
  }

  /** Rejects when MongoDB does not answer. */
  async ping(): Promise<void> {
    const { db } = this.connection;
    if (!this.prepared || db === undefined) throw new Error('not connected yet');
    await db.command({ ping: 1 });
  }

  async close(): Promise<void> {
    this.stopping.abort();
    await this.opening;
    await this.connection.close();
  }

  private async openUntilItStands(uri: string, dbName: string, prepare: () => Promise<unknown>) {
    const { signal } = this.stopping;
    while (!signal.aborted && !this.prepared) {
      try {
        await this.connection.openUri(uri, { ...options, appName: this.appName, dbName });
        await prepare();
        this.prepared = true;
        this.log.info('MongoDB is connected');
      } catch (error) {
        this.log.warn({ err: error }, 'MongoDB does not answer yet, trying again');
        await sleep(retryMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }
}
