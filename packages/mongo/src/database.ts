import { setTimeout as sleep } from 'node:timers/promises';
import { resultWithin } from '@cloudemy/async';
import type { Logger } from '@cloudemy/service';
import mongoose, { type ConnectOptions, type Connection } from 'mongoose';
import { DatabaseClock } from './clock.js';
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
  // After an outage everybody waits for a connection: a server that has just come back gets them one after the other.
  maxConnecting: 1,
  maxIdleTimeMS: 300_000,
  writeConcern: { w: 'majority', journal: true, wtimeoutMS: 5_000 },
  readConcern: { level: 'majority' },
};

const retryMs = 500;

/** Milliseconds between two looks whether MongoDB answers, for its answer, and for closing what does not work. */
const lookEveryMs = 2_000;
const answerMs = 3_000;
const closeMs = 5_000;

/** Milliseconds of silence after which the driver is no longer trusted to come back by itself. */
const defaultSilenceMs = 10_000;

/** A connection that may be asked for before it stands. */
export class Database {
  readonly connection: Connection = mongoose.createConnection();
  /** What time it is for everything that MongoDB keeps. */
  readonly clock = new DatabaseClock();
  private prepared = false;
  private readonly stopping = new AbortController();
  private opening: Promise<void> = Promise.resolve();

  private readonly appName: string;
  private readonly log: Logger;
  private readonly maxSilenceMs: number;

  /**
   * @param appName shown by MongoDB beside what this process does
   * @param maxSilenceMs milliseconds without an answer after which everything is connected again
   */
  constructor(appName: string, log: Logger, maxSilenceMs = defaultSilenceMs) {
    this.appName = appName;
    this.log = log;
    this.maxSilenceMs = maxSilenceMs;

    // Operations report what they meet; without a listener the event would end the process.
    this.connection.on('error', (error: unknown) => {
      log.warn({ err: error }, 'the connection to MongoDB failed');
    });
  }

  /**
   * Connects in the background and tries again until it stands; connects again when it does not come back from an
   * outage by itself.
   *
   * @param prepare what must be there before anything is served, such as indexes; tried again too
   */
  open(uri: string, dbName: string, prepare: () => Promise<unknown>): void {
    const open = (): Promise<void> => this.openUntilItStands(uri, dbName, prepare);
    this.opening = open().then(() => this.watch(open));
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
    await this.tellTime(db);
  }

  /** The time of MongoDB, just asked. Rejects when it does not answer. */
  async askTime(): Promise<Date> {
    await this.ping();
    return this.clock.now();
  }

  private async tellTime(db: NonNullable<Connection['db']>): Promise<void> {
    const askedAt = performance.now();
    const { localTime }: { localTime?: unknown } = await db.command({ hello: 1 });
    if (localTime instanceof Date) this.clock.hear(localTime, askedAt);
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
        if (this.connection.db !== undefined) await this.tellTime(this.connection.db);
        await prepare();
        this.prepared = true;
        this.log.info('MongoDB is connected');
      } catch (error) {
        this.log.warn({ err: error }, 'MongoDB does not answer yet, trying again');
        await sleep(retryMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /**
   * The driver's monitor waits for ever when a connection closes between its look at it and its write
   * (docs/adr/0020-connecting-to-mongodb-anew.md): then nothing but a new client comes back.
   */
  private async watch(open: () => Promise<void>): Promise<void> {
    const { signal } = this.stopping;
    let heardAt = performance.now();
    while (!signal.aborted) {
      await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined);
      if (await this.answers()) heardAt = performance.now();
      if (signal.aborted || performance.now() - heardAt < this.maxSilenceMs) continue;
      this.log.warn({ silent_ms: Math.round(performance.now() - heardAt) }, 'connecting to MongoDB anew');
      this.prepared = false;
      const closed = this.connection.close().catch(() => undefined);
      await resultWithin(closeMs, closed, signal);
      await open();
      heardAt = performance.now();
    }
  }

  private async answers(): Promise<boolean> {
    const answer = this.ping().then(
      () => true,
      () => false,
    );
    return (await resultWithin(answerMs, answer, this.stopping.signal)) ?? false;
  }
}
