import { startRedis } from '@cloudemy/emulator-stack';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { damageMessage } from './messages.js';
import { type RedisWorld, refuseWrites, wipe } from './redis.js';

let server: Awaited<ReturnType<typeof startRedis>>;
let redis: Redis;
let world: RedisWorld;
beforeAll(async () => {
  server = await startRedis();
  world = { wiring: { redisUrl: server.url } };
  redis = new Redis(server.url);
});
beforeEach(() => redis.flushall());
afterAll(async () => {
  redis.disconnect();
  await server.close();
});

test.each([
  ['read-only', /READONLY/],
  ['out-of-memory', /OOM/],
] as const)('%s: it answers, refuses to write, and writes again afterwards', async (how, words) => {
  const mend = await refuseWrites(world, how);
  await expect(redis.set('a', '1')).rejects.toThrow(words);
  expect(await redis.ping()).toBe('PONG');
  await mend();
  expect(await redis.set('a', '1')).toBe('OK');
});

test('wipe leaves nothing', async () => {
  await redis.set('a', '1');
  await wipe(world);
  expect(await redis.dbsize()).toBe(0);
});

const list = 'queue:submissions:prioritized';
const message = 'queue:submissions:b-1';

async function waiting(): Promise<void> {
  await redis.hset(message, 'data', JSON.stringify({ submission_id: 'b', attempt: 1 }));
  await redis.zadd(list, 1, 'b-1');
}

test('lose: a message is on no list, and the rest of it is there', async () => {
  await waiting();
  expect(await damageMessage(world, 'lose')).toBe(true);
  expect([await redis.zcard(list), await redis.exists(message)]).toEqual([0, 1]);
});

test('tear: a message is on its list, and says half of what it said', async () => {
  await waiting();
  expect(await damageMessage(world, 'tear')).toBe(true);
  expect(await redis.zcard(list)).toBe(1);
  const data = await redis.hget(message, 'data');
  expect(() => JSON.parse(String(data))).toThrow(/JSON/);
});
