import { Gathered } from '@cloudemy/async';
import { type QueueName, type QueuePlace, queueJobId } from '@cloudemy/contracts';
import type { Redis } from 'ioredis';
import { atOnce } from '../redis/at-once.js';
import type { StoredSubmission } from '../submissions/model.js';

/** Tells where on the queue a submission stands. */
export class QueuePlaces {
  private readonly redis: Redis;
  private readonly queueName: QueueName;
  private readonly aheadOf = new Gathered<string, number | undefined>(
    async (jobIds) => (await atOnce(this.ahead(jobIds))) ?? jobIds.map(() => undefined),
  );

  constructor(redis: Redis, queueName: QueueName) {
    this.redis = redis;
    this.queueName = queueName;
  }

  /** Null when it is not on the queue, is held back, or Redis does not say so at once. Never throws. */
  async find(submission: Pick<StoredSubmission, '_id' | 'status' | 'attempt' | 'regrade_id'>) {
    if (submission.status !== 'queued' || this.redis.status !== 'ready') return null;
    const ahead = await this.aheadOf.ask(queueJobId(String(submission._id), submission.attempt));
    if (ahead === undefined) return null;
    const lane = submission.regrade_id === null ? 'normal' : 'bulk';
    return { position: ahead + 1, ahead, lane } satisfies QueuePlace;
  }

  /** Those being taken go first, then the plain list, then the others by their tags. */
  private async ahead(jobIds: readonly string[]): Promise<(number | undefined)[]> {
    const key = (set: string): string => `${this.queueName.prefix}:${this.queueName.name}:${set}`;
    const [active, waiting, taken, ranks] = await Promise.all([
      this.redis.llen(key('active')),
      this.redis.llen(key('wait')),
      Promise.all(jobIds.map((jobId) => this.redis.lpos(key('active'), jobId))),
      Promise.all(jobIds.map((jobId) => this.redis.zrank(key('prioritized'), jobId))),
    ]);
    return jobIds.map((_, index) => {
      const [place, rank] = [taken[index] ?? null, ranks[index] ?? null];
      // New ones come in on the left.
      if (place !== null) return active - 1 - place;
      return rank === null ? undefined : active + waiting + rank;
    });
  }
}
