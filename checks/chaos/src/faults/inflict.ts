import { setTimeout as wait } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { World } from '../parts/world.js';
import type { Fault } from '../plan/plan.js';
import { disturbLink } from './links.js';
import { misbehave } from './model.js';
import { deleteOne } from './objects.js';
import { disturbRunner } from './runner-processes.js';

/** What undoes a fault; resolves when that is under way. What takes longer goes on by itself. */
type Mend = () => void | Promise<void>;

/** Milliseconds that a rollout waits for a replica. */
const readyWithinMs = 90_000;

const nothing: Mend = () => {};

/**
 * Does what a fault says and mends it after its time.
 *
 * @returns false when there was nothing to do it to
 */
export async function inflict(fault: Fault, world: World): Promise<boolean> {
  const mend = await begin(fault, world);
  if (mend === undefined) return false;
  await wait(fault.holdMs);
  await mend();
  return true;
}

async function begin({ disturbance, pick }: Fault, world: World): Promise<Mend | undefined> {
  if ('link' in disturbance) return disturbLink(world.links[disturbance.link], disturbance.action);
  if ('object' in disturbance) {
    if (disturbance.action !== 'delete') return disturbRunner(world, disturbance.action, pick);
    return (await deleteOne(world, disturbance.object, pick)) ? nothing : undefined;
  }
  const part = world.parts.get(disturbance.part);
  if (part === undefined) return undefined;
  switch (disturbance.action) {
    case 'kill':
      return (await part.kill()) ? () => void part.start() : undefined;
    case 'restart':
      if (!(await part.stop())) return undefined;
      // As a rollout does: the next replica is touched when this one is ready, or does not get so.
      return () => Promise.race([part.start(), wait(readyWithinMs, undefined, { ref: false })]);
    case 'pause':
      return part.pause();
    case 'wipe':
      await wipe(world);
      return nothing;
    default:
      return misbehave(world, disturbance.action);
  }
}

async function wipe({ wiring }: World): Promise<void> {
  const redis = new Redis(wiring.redisUrl, { maxRetriesPerRequest: 5 });
  try {
    await redis.flushall();
  } finally {
    redis.disconnect();
  }
}
