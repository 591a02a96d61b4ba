import { setTimeout as wait } from 'node:timers/promises';
import { runnerRecordKey } from '@cloudemy/contracts';
import { Redis } from 'ioredis';
import { nameOf, runnerObjects } from '../faults/objects.js';
import { runnerPids } from '../faults/runner-processes.js';
import type { World } from '../parts/world.js';

const everyMs = 500;

/**
 * Waits until nothing is left of work that is done: no Job, no pod, no process of one, no record and no message
 * in Redis.
 *
 * @param withinMs how long cleaning up may take
 * @returns what is left then, in words
 */
export async function leftovers(world: World, withinMs: number): Promise<string[]> {
  const until = performance.now() + withinMs;
  const redis = new Redis(world.wiring.redisUrl, { maxRetriesPerRequest: 5 });
  try {
    for (;;) {
      const left = await look(world, redis);
      if (left.length === 0 || performance.now() > until) return left;
      await wait(everyMs);
    }
  } finally {
    redis.disconnect();
  }
}

async function look(world: World, redis: Redis): Promise<string[]> {
  const [jobs, pods, processes, records, messages] = await Promise.all([
    runnerObjects(world, 'job'),
    runnerObjects(world, 'pod'),
    runnerPids(world),
    lastingRecords(redis),
    queueEntries(redis),
  ]);
  return [
    ...jobs.map((job) => `Job ${nameOf(job)}`),
    ...pods.map((pod) => `pod ${nameOf(pod)}`),
    ...processes.map((pid) => `runner process ${pid}`),
    ...records.map((key) => `Redis key ${key}`),
    ...messages,
  ];
}

/** Records that would stay for ever. One whose submission ended while Redis was away goes by its time to live. */
async function lastingRecords(redis: Redis): Promise<string[]> {
  const keys = await keysLike(redis, runnerRecordKey('*'));
  const left = await Promise.all(keys.map((key) => redis.pttl(key)));
  return keys.filter((_, index) => left[index] === noExpiry);
}

/** What PTTL answers for a key without a time to live. */
const noExpiry = -1;

async function keysLike(redis: Redis, pattern: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const page of redis.scanStream({ match: pattern, count: 1_000 })) keys.push(...page);
  return keys;
}

/** As `QUEUE_SUBMISSIONS` of the stack has it. */
const queue = 'queue:submissions';

/** Every state a message can be in, and the messages themselves, which are hashes named after the attempt. */
async function queueEntries(redis: Redis): Promise<string[]> {
  const lists = ['wait', 'active', 'paused'].map(async (list) => [
    list,
    await redis.llen(`${queue}:${list}`),
  ]);
  const sets = ['prioritized', 'delayed', 'failed', 'completed'].map(async (set) => [
    set,
    await redis.zcard(`${queue}:${set}`),
  ]);
  const counted = (await Promise.all([...lists, ...sets])).filter(([, length]) => length !== 0);
  const hashes = await keysLike(redis, `${queue}:*-*`);
  return [
    ...counted.map(([state, length]) => `${length} ${state} messages`),
    ...hashes.filter((key) => /:[0-9a-f]{24}-\d+(:lock)?$/.test(key)).map((key) => `Redis key ${key}`),
  ];
}
