import { GatheringRedis } from '@cloudemy/redis';
import type { Logger } from '@cloudemy/service';
import type { Redis, RedisOptions } from 'ioredis';

/**
 * How the scheduler is connected to Redis: it never gives a command up, and comes back within a second of Redis
 * doing so. A connection on which an answer is due for longer than any blocking command takes (10 s) is dead,
 * though nobody said so: a machine that vanished says nothing. Where none is due, probes of TCP find that out.
 */
export const redisOptions = {
  maxRetriesPerRequest: null,
  retryStrategy: (times: number) => Math.min(50 * times, 1_000),
  connectTimeout: 3_000,
  socketTimeout: 20_000,
  keepAlive: 10_000,
  connectionName: 'cloudemy-scheduler',
} satisfies RedisOptions;

/** Connects, and says once per outage that Redis is away and that it is back. */
export function connectRedis(url: string, log: Logger): Redis {
  const redis = new GatheringRedis(url, redisOptions);
  let isAway = false;
  redis.on('error', (error: unknown) => {
    if (!isAway) log.warn({ err: error }, 'Redis does not answer, trying again');
    isAway = true;
  });
  redis.on('ready', () => {
    if (isAway) log.info('Redis answers again');
    isAway = false;
  });
  return redis;
}

/** Rejects, saying why, when Redis cannot be reached; a ping alone would wait until it can. */
export async function pingRedis(redis: Redis): Promise<void> {
  if (redis.status !== 'ready') throw new Error(`no connection: ${redis.status}`);
  await redis.ping();
}
