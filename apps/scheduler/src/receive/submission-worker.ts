import { type QueueName, QueuePayload } from '@cloudemy/contracts';
import { type Logger, withLogContext } from '@cloudemy/service';
import { DelayedError, type Job as QueueJob, WaitingError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Taken } from '../create/take-submission.js';

export interface SubmissionWorkerOptions {
  /** With `maxRetriesPerRequest: null`, as BullMQ needs it. */
  redis: Redis;
  queue: QueueName;
  /** Messages in hand at a time, at most. */
  concurrency: number;
  take: (message: QueuePayload, signal: AbortSignal) => Promise<Taken>;
  onTaken: (message: QueuePayload, taken: Taken) => void;
  /** A message was put back, to be taken again later. */
  onAgain: () => void;
  /** A message with this priority left the waiting line. */
  onFetched: (priority: number) => void;
  /** Puts away what is no submission; the message stays on the queue until that has succeeded. */
  setAside: (message: QueueJob<unknown>, why: string, signal: AbortSignal) => Promise<void>;
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
  private most: number;
  private inHand = 0;
  private takenSoFar = 0;

  private readonly options: SubmissionWorkerOptions;

  constructor(options: SubmissionWorkerOptions) {
    this.options = options;

    const { redis, queue, concurrency, log } = options;
    this.most = concurrency;
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
    this.worker.on('error', (error) => {
      log.warn({ err: error }, 'the queue does not answer');
    });
  }

  start(): void {
    this.worker.run().catch((error: unknown) => {
      this.options.log.error({ err: error }, 'the queue worker has ended');
    });
  }

  /** Whether messages are being taken. */
  get isRunning(): boolean {
    return this.worker.isRunning();
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
   * Takes no more messages in hand than can be worked on: those on the queue keep their order, and one of a user
   * with little goes before the many of another.
   *
   * @param makeable Jobs that there is room for
   */
  limit(makeable: number): void {
    // One may wait for room: else nobody would notice that there is some.
    this.most = Math.min(this.options.concurrency, Math.max(1, makeable));
    this.worker.concurrency = this.most;
  }

  /** Takes no more, hands back what waits, finishes what cannot be handed back. */
  async stop(): Promise<void> {
    this.stopping.abort(new HandBack('the scheduler is stopping'));
    await this.worker.close();
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
      await this.options.setAside(job, `not a submission: ${why}`, this.stopping.signal);
      return 'set_aside';
    } catch (error) {
      return this.again(job, token, error);
    }
  }

  private async take(message: QueuePayload): Promise<string> {
    const { request_id, submission_id, attempt } = message;
    return withLogContext({ request_id, submission_id, attempt }, async () => {
      const taken = await this.options.take(message, this.stopping.signal);
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
    if (this.stopping.signal.aborted) {
      await job.moveToWait(token);
      throw new WaitingError();
    }
    this.options.onAgain();
    const ms = Math.min(maxRetryMs, firstRetryMs * 2 ** Math.min(job.attemptsStarted - 1, 10));
    this.options.log.warn({ err: error, queue_job: job.id, again_ms: ms }, 'no Job yet, trying again');
    await job.moveToDelayed(Date.now() + ms / 2 + (Math.random() * ms) / 2, token);
    throw new DelayedError();
  }
}

/** Why a message that was being worked on goes back to the queue. */
class HandBack extends Error {
  override readonly name = 'HandBack';
}
