import { joined } from '@cloudemy/async';
import type { LlmPressure } from '@cloudemy/contracts';
import type { Logger } from '@cloudemy/service';
import type { Redis } from 'ioredis';
import { atOnce } from '../redis/at-once.js';
import type { StoredWaiting } from '../submissions/model.js';
import type { TransitionListener } from '../submissions/transition.js';

const bucketMs = 10_000;
const buckets = 6;
/** Claims come many a second; the figure changes slowly. */
const freshMs = 500;

const keyAt = (ms: number): string => `cloudemy:llm:rate-limited:${Math.floor(ms / bucketMs)}`;

/** Counts, over all replicas, how often the model turned attempts away for their number. */
export class RateLimitCounter {
  private known: LlmPressure = { rate_limited_recent: 0 };
  private readAt = Number.NEGATIVE_INFINITY;

  private readonly redis: Redis;
  private readonly log: Logger;
  private readonly refreshed = joined(() => atOnce(this.refresh(Date.now())));

  constructor(redis: Redis, log: Logger) {
    this.redis = redis;
    this.log = log;
  }

  readonly onTransition: TransitionListener = ({ failure }) => {
    if (failure?.code !== 'llm_rate_limited') return;
    const key = keyAt(Date.now());
    const ttlSeconds = (2 * buckets * bucketMs) / 1_000;
    this.redis
      .multi()
      .incr(key)
      .expire(key, ttlSeconds)
      .exec()
      .catch((error: unknown) => {
        this.log.debug({ err: error }, 'could not count a rate limit');
      });
  };

  /** Of the last minute, half a second old at most. While Redis is away, what was known last. Never throws. */
  read(): LlmPressure {
    const now = Date.now();
    if (now - this.readAt > freshMs && this.redis.status === 'ready') {
      this.readAt = now;
      void this.refresh(now);
    }
    return this.known;
  }

  /** Why queued submissions wait, when it is for the model's sake. Never throws. */
  async holdsBack(since: Date): Promise<StoredWaiting | null> {
    if (this.redis.status !== 'ready') return null;
    await this.refreshed();
    const times = this.known.rate_limited_recent;
    if (times === 0) return null;
    const message =
      `The language model turned requests away for their number, ${times} in the last minute. Fewer submissions ` +
      'are graded at a time until it takes more; this one keeps its place.';
    return { code: 'llm_busy', message, since };
  }

  private async refresh(now: number): Promise<void> {
    try {
      const keys = Array.from({ length: buckets }, (_, index) => keyAt(now - index * bucketMs));
      const counts = await this.redis.mget(keys);
      const sum = counts.reduce((total, count) => total + Number(count ?? 0), 0);
      this.known = { rate_limited_recent: sum };
    } catch (error) {
      this.log.debug({ err: error }, 'could not read how often the model was too busy');
    }
  }
}
