import type { Logger } from '@cloudemy/service';
import type { StoredSubmission } from '../submissions/model.js';
import type { Publisher } from './publisher.js';

/** What may wait here; more is left to the sweeper, which reads it from MongoDB. */
const maxWaitingBytes = 16 * 1_024 * 1_024;
const maxBatch = 100;
/**
 * Milliseconds that what is on the queue stays in the outbox, well below the sweeper's grace. Whoever claims it
 * meanwhile removes it with the same write, which saves this one; and a claim is not kept waiting by it.
 */
const acknowledgeAfterMs = 100;

/**
 * Publishes what was just stored, in the background and in batches: while one batch is on its way the next
 * gathers. A failure needs no handling here, the outbox remembers.
 */
export class ImmediatePublisher {
  private waiting: StoredSubmission[] = [];
  private waitingBytes = 0;
  private running: Promise<void> | undefined;
  private enqueued: Pick<StoredSubmission, '_id' | 'attempt'>[] = [];
  private acknowledging: NodeJS.Timeout | undefined;

  private readonly publisher: Publisher;
  private readonly log: Logger;

  constructor(publisher: Publisher, log: Logger) {
    this.publisher = publisher;
    this.log = log;
  }

  /** Never throws, never waits. */
  add(submission: StoredSubmission): void {
    if (this.waitingBytes + submission.code_bytes > maxWaitingBytes) return;
    this.waiting.push(submission);
    this.waitingBytes += submission.code_bytes;
    this.running ??= this.run();
  }

  /** Waits for what is on its way. */
  async drain(): Promise<void> {
    await this.running;
    await this.acknowledge();
  }

  private async run(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, maxBatch);
      this.waitingBytes -= batch.reduce((sum, { code_bytes: bytes }) => sum + bytes, 0);
      try {
        await this.publisher.enqueue(batch);
        this.enqueued.push(...batch.map(({ _id, attempt }) => ({ _id, attempt })));
        this.acknowledging ??= setTimeout(() => void this.acknowledge(), acknowledgeAfterMs);
      } catch (error) {
        this.log.warn({ err: error, count: batch.length }, 'could not enqueue, the sweeper will');
      }
    }
    this.running = undefined;
  }

  private async acknowledge(): Promise<void> {
    clearTimeout(this.acknowledging);
    this.acknowledging = undefined;
    try {
      await this.publisher.acknowledge(this.enqueued.splice(0));
    } catch (error) {
      this.log.warn(
        { err: error },
        'could not remove from the outbox what is on the queue, the sweeper will',
      );
    }
  }
}
