import {
  type Flow,
  type QueueName,
  assignTagsScript,
  fairKeys,
  fairStateTtlSeconds,
  maxTag,
} from '@cloudemy/contracts';
import type { Redis } from 'ioredis';

/**
 * The place of each attempt in the fair order of the queue.
 *
 * @returns one tag per flow given, to be the priority of its message
 * @throws what Redis throws
 */
export async function assignTags(
  redis: Redis,
  { prefix, name }: QueueName,
  flows: readonly Flow[],
): Promise<number[]> {
  const queue = `${prefix}:${name}`;
  const keys = [
    fairKeys.virtualTime,
    fairKeys.tags,
    ...['wait', 'prioritized', 'delayed'].map((set) => `${queue}:${set}`),
  ];
  const args = [maxTag, fairStateTtlSeconds, ...flows.flatMap((flow) => [flow.name, flow.cost])];
  const tags: unknown = await redis.eval(assignTagsScript, keys.length, ...keys, ...args);
  if (!Array.isArray(tags) || tags.length !== flows.length) throw new Error('Redis gave no tags');
  return tags.map(Number);
}
