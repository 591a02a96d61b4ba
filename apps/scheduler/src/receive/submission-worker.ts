import { backoffMs } from '@cloudemy/async';
import { type QueueName, QueuePayload } from '@cloudemy/contracts';
import { type Logger, withLogContext } from '@cloudemy/service';
import { DelayedError, type Job as QueueJob, WaitingError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { CircuitOpenError } from '../concurrency/circuit-breaker.js';
import type { Taken } from '../create/take-submission.js';
import { HandBack } from './hand-back.js';

export interface SubmissionWorkerOptions {
  /** With `maxRetriesPerRequest: null`, as BullMQ needs it. */
  redis: Redis;
  queue: QueueName;
  /** Messages in hand at a time, at most. */
  concurrency: number;
  take: (message: QueuePayload) => Promise<Taken>;
  onTaken: (message: QueuePayload, taken: Taken) => void;
  /** A message was put back, to be taken again later. */
  onAgain: () => void;
  /** A message with this priority left the waiting line. */
  onFetched: (priority: number) => void;
  /** The queue could not be asked, or refused. */
  onError: (error: unknown) => void;
  /** Puts away what is no submission; the message stays on the queue until that has succeeded. */
  setAside: (message: QueueJob<unknown>, why: string) => Promise<void>;
  log: Logger;
}

const firstRetryMs = 250;
const maxRetryMs = 5_000;

/** Milliseconds after which an operation on the queue that failed is tried again. */
const queueRetryMs = 1_000;

/**
 * Milliseconds after which a message in the hands of a process that fell silent is anyone's again, and between two
 * looks for such. Short: a message taken twice does no harm, one that waits for the dead does. It also takes that
 * long when Redis handed a message out and its answer was lost on the way.
 */
const lockMs = 10_000;
const stalledEveryMs = 5_000;

/**
 * Takes messages off the queue. A message leaves it only when its Job exists or none is wanted: whatever
 * stands in the way for now makes it come again, as often as it takes.
 */
export class SubmissionWorker {
  private readonly worker: Worker<unknown, string>;
  private readonly stopping = new AbortController();
  private most = 0;
  private inHand = 0;
  private takenSoFar = 0;
  private hasBegun = false;

  private readonly options: SubmissionWorkerOptions;

  constructor(options: SubmissionWorkerOptions) {
    this.options = options;

    const { redis, queue, concurrency } = options;
    this.worker = new Worker<unknown, string>(queue.name, (job, token) => this.hold(job, token), {
      connection: redis,
      prefix: queue.prefix,
      concurrency,
      autorun: false,
      // Processes may die as often as they like: taking a message twice is harmless, losing it is not.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      lockDuration: lockMs,
      stalledInterval: stalledEveryMs,
      removeOnComplete: { count: 0 },
      runRetryDelay: queueRetryMs,
    });
    this.worker.on('error', options.onError);
  }

  start(): void {
    this.hasBegun = true;
    this.apply();
  }

  /** Whether messages are being taken, or would be if it was not told to pause. */
  get isRunning(): boolean {
    return this.hasBegun && (this.most === 0 || this.worker.isRunning());
  }

  /** Messages taken since the start. */
  get taken(): number {
    return this.takenSoFar;
  }

  /** Whether it would take another message if there was one. */
  get hasFreeHands(): boolean {
    return this.inHand < this.most;
  }

  /**
   * Takes no more messages in hand than can be worked on: those on the queue keep their order, one of a user with
   * little goes before the many of another, and other replicas can take them. None: the worker pauses.
   */
  limit(permits: number): void {
    this.most = Math.min(this.options.concurrency, permits);
    if (this.hasBegun) this.apply();
  }

  /** Takes no more, hands back what waits, finishes what cannot be handed back. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.worker.close();
  }

  private apply(): void {
    if (this.stopping.signal.aborted) return;
    if (this.most === 0) {
      if (!this.worker.isPaused()) void this.worker.pause(true);
      return;
    }
    this.worker.concurrency = this.most;
    // Its loop ends when it is paused with nothing in hand, be it while it is told to resume.
    if (this.worker.isPaused() || !this.worker.isRunning()) void this.worker.resume();
  }

  private async hold(job: QueueJob<unknown, string>, token: string | undefined): Promise<string> {
    this.inHand += 1;
    this.takenSoFar += 1;
    try {
      return await this.process(job, token);
    } finally {
      this.inHand -= 1;
    }
  }

  private async process(job: QueueJob<unknown, string>, token: string | undefined): Promise<string> {
    this.options.onFetched(job.priority);
    const parsed = QueuePayload.safeParse(job.data);
    try {
      if (parsed.success) return await this.take(parsed.data);
      const why = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
      await this.options.setAside(job, `not a submission: ${why}`);
      return 'set_aside';
    } catch (error) {
      return this.again(job, token, error);
    }
  }

  private async take(message: QueuePayload): Promise<string> {
    const { request_id, submission_id, attempt } = message;
    return withLogContext({ request_id, submission_id, attempt }, async () => {
      const taken = await this.options.take(message);
      this.options.onTaken(message, taken);
      return taken.kind;
    });
  }

  /** Not by throwing: the queue counts thrown errors and gives a message up in the end. */
  private async again(
    job: QueueJob<unknown, string>,
    token: string | undefined,
    error: unknown,
  ): Promise<never> {
    const isHandedBack = error instanceof HandBack || error instanceof CircuitOpenError;
    try {
      if (isHandedBack || this.stopping.signal.aborted) {
        await job.moveToWait(token);
        throw new WaitingError();
      }
      this.options.onAgain();
      const ms = backoffMs(job.attemptsStarted, { firstMs: firstRetryMs, maxMs: maxRetryMs });
      this.options.log.warn({ err: error, queue_job: job.id, again_ms: ms }, 'no Job yet, trying again');
      await job.moveToDelayed(Date.now() + ms, token);
      throw new DelayedError();
    } catch (failed) {
      if (failed instanceof WaitingError || failed instanceof DelayedError) throw failed;
      // The queue would count it as a failed try. Let be, the message is anyone's when its lock has run out.
      this.options.onError(failed);
      throw new WaitingError();
    }
  }
}
