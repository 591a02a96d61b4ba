import {
  type IRateLimiterRedisOptions,
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
} from 'rate-limiter-flexible';

/** So much in so many seconds. */
export interface Limit {
  /** Names it in headers and in the store. */
  readonly name: string;
  readonly points: number;
  readonly seconds: number;
}

export interface Consumed {
  readonly allowed: boolean;
  readonly remaining: number;
  /** Seconds until everything is free again. */
  readonly resetSeconds: number;
}

/** A connection of ioredis, with a limit to how long a command may take. */
export type LimiterRedis = IRateLimiterRedisOptions['storeClient'];

/** Milliseconds that Redis is left alone after it was waited for without success: one request waits for it, not each. */
const leaveAloneMs = 5_000;
/** A failure within these milliseconds, as of a connection that is not there, keeps nobody waiting. */
const atOnceMs = 100;

type Counter = RateLimiterMemory | RateLimiterRedis;

/**
 * Counts what is used up by a key, in Redis for all replicas together. While Redis does not answer, each process
 * counts for itself: nobody is refused because a counter cannot be read.
 */
export class Limiter {
  private readonly alone: RateLimiterMemory;
  private readonly together: RateLimiterRedis | undefined;
  private aloneUntil = 0;

  readonly limit: Limit;

  /**
   * @param redis without it each process counts for itself
   * @param prefix of its keys in Redis
   */
  constructor(limit: Limit, redis?: LimiterRedis, prefix = 'limit') {
    this.limit = limit;

    const options = { keyPrefix: `${prefix}:${limit.name}`, points: limit.points, duration: limit.seconds };
    this.alone = new RateLimiterMemory(options);
    this.together =
      redis === undefined
        ? undefined
        : new RateLimiterRedis({ ...options, storeClient: redis, rejectIfRedisNotReady: true });
  }

  consume(key: string, points = 1): Promise<Consumed> {
    return this.count(async (counter) => {
      try {
        return consumed(true, await counter.consume(key, points));
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal;
        return consumed(false, refusal);
      }
    });
  }

  /** Gives back what was used up for nothing. */
  async giveBack(key: string, points = 1): Promise<void> {
    await this.count((counter) => counter.reward(key, points));
  }

  /** Forgets what was used up. */
  async forget(key: string): Promise<void> {
    await this.count((counter) => counter.delete(key));
  }

  private async count<T>(work: (counter: Counter) => Promise<T>): Promise<T> {
    if (this.together === undefined || Date.now() < this.aloneUntil) return work(this.alone);
    const begun = Date.now();
    try {
      return await work(this.together);
    } catch {
      if (Date.now() - begun > atOnceMs) this.aloneUntil = Date.now() + leaveAloneMs;
      return work(this.alone);
    }
  }
}

const consumed = (allowed: boolean, { remainingPoints, msBeforeNext }: RateLimiterRes): Consumed => ({
  allowed,
  remaining: Math.max(0, remainingPoints),
  resetSeconds: Math.max(1, Math.ceil(msBeforeNext / 1_000)),
});
