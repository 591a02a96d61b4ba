import type { Logger } from '@cloudemy/service';
import type { StoredSubmission } from '../submissions/model.js';
import type { Publisher } from './publisher.js';

/** What may wait here; more is left to the sweeper, which reads it from MongoDB. */
const maxWaitingBytes = 16 * 1_024 * 1_024;
const maxBatch = 100;

/**
 * Publishes what was just stored, in the background and in batches: while one batch is on its way the next
 * gathers. A failure needs no handling here, the outbox remembers.
 */
export class FastLane {
  private waiting: StoredSubmission[] = [];
  private waitingBytes = 0;
  private running: Promise<void> | undefined;

  constructor(
    private readonly publisher: Publisher,
    private readonly log: Logger,
  ) {}

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
  }

  private async run(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, maxBatch);
      this.waitingBytes -= batch.reduce((sum, { code_bytes: bytes }) => sum + bytes, 0);
      try {
        await this.publisher.publish(batch);
      } catch (error) {
        this.log.warn({ err: error, count: batch.length }, 'could not enqueue, the sweeper will');
      }
    }
    this.running = undefined;
  }
}
