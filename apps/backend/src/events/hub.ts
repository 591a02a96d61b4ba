import { SubmissionHints, submissionChannel } from '@cloudemy/contracts';
import type { Logger } from '@cloudemy/service';
import type { Redis } from 'ioredis';
import { type Projected, objectId, projectionOf } from '@cloudemy/mongo';
import { StoredSubmission, type SubmissionCollection } from '../submissions/model.js';

const positionOnly = projectionOf(StoredSubmission, StoredSubmission.pick({ _id: true, seq: true }));
type Position = Projected<typeof positionOnly>;

/** Told that a submission has reached this `seq`. */
export type Listener = (seq: number) => void;

const pollBatch = 500;

/**
 * Spreads the news of submissions over the streams of this process: one subscription and one poll, however
 * many streams there are.
 */
export class SubmissionHub {
  private readonly listeners = new Map<string, Set<Listener>>();
  private readonly endings = new Set<() => void>();
  private ended = false;

  private readonly submissions: SubmissionCollection;
  private readonly log: Logger;

  constructor(submissions: SubmissionCollection, subscriber: Redis, log: Logger) {
    this.submissions = submissions;
    this.log = log;

    subscriber.on('message', (_channel, message) => {
      this.hear(message);
    });
    subscriber.subscribe(submissionChannel).catch((error: unknown) => {
      this.log.warn({ err: error }, 'could not subscribe to hints, streams poll instead');
    });
  }

  /** Whether streams are to end because the process does. */
  get closing(): boolean {
    return this.ended;
  }

  /** How many streams listen. */
  get size(): number {
    return this.endings.size;
  }

  /**
   * @param onEnd called when streams are to end
   * @returns what stops the watching
   */
  watch(submissionId: string, listener: Listener, onEnd: () => void): () => void {
    const listeners = this.listeners.get(submissionId) ?? new Set();
    this.listeners.set(submissionId, listeners.add(listener));
    this.endings.add(onEnd);
    return () => {
      this.endings.delete(onEnd);
      listeners.delete(listener);
      if (listeners.size === 0) this.listeners.delete(submissionId);
    };
  }

  /** Asks MongoDB where the watched submissions are, as a hint can be lost. */
  async poll(): Promise<void> {
    const ids = [...this.listeners.keys()];
    for (let from = 0; from < ids.length; from += pollBatch) {
      const batch = ids.slice(from, from + pollBatch).map(objectId);
      const found = await this.submissions.find<Position>({ _id: { $in: batch } }, positionOnly).toArray();
      for (const { _id, seq } of found) this.tell(String(_id), seq);
    }
  }

  /** Ends every stream. */
  close(): void {
    this.ended = true;
    for (const end of this.endings) end();
  }

  private hear(message: string): void {
    try {
      for (const hint of SubmissionHints.parse(JSON.parse(message))) this.tell(hint.submission_id, hint.seq);
    } catch (error) {
      this.log.warn({ err: error }, 'a hint could not be read');
    }
  }

  private tell(submissionId: string, seq: number): void {
    for (const listener of this.listeners.get(submissionId) ?? []) listener(seq);
  }
}
