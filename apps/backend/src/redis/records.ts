import { runnerRecordKey } from '@cloudemy/contracts';
import { type RecordOwner, recordKeyOf, sealRecord } from '@cloudemy/grading';
import type { Redis } from 'ioredis';
import type { StoredSubmission } from '../submissions/model.js';
import { runnerRecord } from '../submissions/view.js';

/** What runners find in Redis: each sealed for its attempt, so that who reads Redis reads nothing and changes nothing. */
export class RunnerRecords {
  private readonly redis: Redis;
  private readonly secret: string;
  private readonly ttlSeconds: number;
  private readonly maxBytes: number;

  /**
   * @param secret the keys of all records are derived from it; records sealed by another are loaded from the backend
   * @param ttlSeconds after which Redis forgets a record
   * @param maxBytes of a record as it lies in Redis: the runner of a larger one asks the backend
   */
  constructor(redis: Redis, secret: string, ttlSeconds: number, maxBytes: number) {
    this.maxBytes = maxBytes;
    this.redis = redis;
    this.secret = secret;
    this.ttlSeconds = ttlSeconds;
  }

  /** What opens the record of one attempt, for its Job alone. */
  keyOf(owner: RecordOwner): string {
    return recordKeyOf(this.secret, owner);
  }

  /**
   * Writes what the runners of these submissions need.
   *
   * @throws the first error of the pipeline
   */
  async write(submissions: readonly StoredSubmission[]): Promise<void> {
    const pipeline = this.redis.pipeline();
    for (const submission of submissions) {
      const owner = { submissionId: String(submission._id), attempt: submission.attempt };
      const text = JSON.stringify(runnerRecord(submission));
      const sealed = sealRecord(text, this.keyOf(owner), owner);
      const name = runnerRecordKey(owner.submissionId);
      // The queue lives in the same memory: a class that hands in large files must not fill it.
      if (sealed.length > this.maxBytes) pipeline.del(name);
      else pipeline.set(name, sealed, 'EX', this.ttlSeconds);
    }
    const replies = (await pipeline.exec()) ?? [];
    for (const [error] of replies) if (error !== null) throw error;
  }
}
