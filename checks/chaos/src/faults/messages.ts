import { setTimeout as wait } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { type RedisWorld, withRedis } from './redis.js';

const queue = 'queue:submissions';
const withinMs = 6_000;
const everyMs = 5;

/**
 * Leaves half a message in the queue, as a script does that breaks in the middle: `lose` takes it off its list and leaves
 * the rest, `tear` cuts what it says.
 *
 * @returns false when none waited for some seconds
 */
export function damageMessage(world: RedisWorld, action: 'lose' | 'tear'): Promise<boolean> {
  return withRedis(world, async (redis) => {
    const until = performance.now() + withinMs;
    while (performance.now() < until) {
      if (action === 'lose' ? await lose(redis) : await tear(redis)) return true;
      await wait(everyMs);
    }
    return false;
  });
}

async function lose(redis: Redis): Promise<boolean> {
  const [first] = await redis.zpopmin(`${queue}:prioritized`);
  return first !== undefined || (await redis.rpop(`${queue}:wait`)) !== null;
}

async function tear(redis: Redis): Promise<boolean> {
  const [first] = await redis.zrange(`${queue}:prioritized`, '0', '0');
  const id = first ?? (await redis.lindex(`${queue}:wait`, -1));
  const data = id === null ? null : await redis.hget(`${queue}:${id}`, 'data');
  if (id === null || data === null) return false;
  await redis.hset(`${queue}:${id}`, 'data', data.slice(0, data.length / 2));
  return true;
}
