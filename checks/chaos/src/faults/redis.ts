import { Redis } from 'ioredis';

/** Where Redis is found. */
export interface RedisWorld {
  wiring: { redisUrl: string };
}

type Use<T> = (redis: Redis) => Promise<T>;

/** Uses a connection of its own, which waits as long as it takes: Redis may be away at that moment. */
export async function withRedis<T>({ wiring }: RedisWorld, use: Use<T>): Promise<T> {
  const redis = new Redis(wiring.redisUrl, { maxRetriesPerRequest: null });
  redis.on('error', () => {});
  try {
    return await use(redis);
  } finally {
    redis.disconnect();
  }
}

/** FLUSHALL. */
export const wipe = async (world: RedisWorld): Promise<void> => {
  await withRedis(world, (redis) => redis.flushall());
};

/**
 * Has Redis answer and refuse every write: READONLY, as a primary that was demoted does, or OOM, as one that is full.
 *
 * @returns what has it take writes again
 */
export async function refuseWrites(
  world: RedisWorld,
  how: 'read-only' | 'out-of-memory',
): Promise<() => Promise<void>> {
  const [begin, end]: [Use<unknown>, Use<unknown>] =
    how === 'read-only'
      ? [(redis) => redis.replicaof('127.0.0.1', 1), (redis) => redis.replicaof('NO', 'ONE')]
      : [
          (redis) => redis.config('SET', 'maxmemory', '1mb'),
          (redis) => redis.config('SET', 'maxmemory', '0'),
        ];
  await withRedis(world, begin);
  return () => withRedis(world, end).then(() => {});
}
