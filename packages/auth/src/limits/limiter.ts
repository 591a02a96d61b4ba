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

/** A connection of ioredis; without one each process counts for itself. */
export type LimiterRedis = IRateLimiterRedisOptions['storeClient'];

/**
 * Counts what is used up by a key, in Redis for all replicas together. While Redis does not answer, each process
 * counts for itself: nobody is refused because a counter cannot be read.
 */
export class Limiter {
  private readonly counter: RateLimiterMemory | RateLimiterRedis;

  constructor(
    readonly limit: Limit,
    redis?: LimiterRedis,
  ) {
    const options = { keyPrefix: `limit:${limit.name}`, points: limit.points, duration: limit.seconds };
    const alone = new RateLimiterMemory(options);
    this.counter =
      redis === undefined
        ? alone
        : new RateLimiterRedis({
            ...options,
            storeClient: redis,
            insuranceLimiter: alone,
            rejectIfRedisNotReady: true,
          });
  }

  async consume(key: string, points = 1): Promise<Consumed> {
    try {
      return consumed(true, await this.counter.consume(key, points));
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      return consumed(false, refusal);
    }
  }

  /** Gives back what was used up for nothing. */
  async giveBack(key: string, points = 1): Promise<void> {
    await this.counter.reward(key, points);
  }

  /** Forgets what was used up. */
  async forget(key: string): Promise<void> {
    await this.counter.delete(key);
  }
}

const consumed = (allowed: boolean, { remainingPoints, msBeforeNext }: RateLimiterRes): Consumed => ({
  allowed,
  remaining: Math.max(0, remainingPoints),
  resetSeconds: Math.max(1, Math.ceil(msBeforeNext / 1_000)),
});
