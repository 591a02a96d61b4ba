import { setTimeout as wait } from 'node:timers/promises';
import type { World } from '../parts/world.js';
import type { Disturbance } from '../plan/catalogue.js';
import type { Fault } from '../plan/plan.js';
import { disturbApi } from './api-server.js';
import { jump } from './clocks.js';
import { damage, fillDisk, restoreLater } from './database.js';
import { dieInDeploy } from './mid-deploy.js';
import { damageMessage } from './messages.js';
import { refuseWrites, wipe } from './redis.js';
import { disturbLink } from './links.js';
import { misbehave } from './model.js';
import { deleteOne } from './objects.js';
import { disturbRunner } from './runner-processes.js';

/** What undoes a fault; resolves when that is under way. What takes longer continues by itself. */
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
  if ('before' in disturbance) return disturbApi(world.api, disturbance.action);
  if ('of' in disturbance) {
    const { action, of } = disturbance;
    return action === 'clock' ? jump(world, of, pick) : disturbLink(world.own(of)[disturbance.link], action);
  }
  if ('link' in disturbance) return disturbLink(world.links[disturbance.link], disturbance.action);
  if ('object' in disturbance) return disturbObject(disturbance, pick, world);
  return disturbPart(disturbance, world);
}

async function disturbObject(
  disturbance: Extract<Disturbance, { object: unknown }>,
  pick: number,
  world: World,
): Promise<Mend | undefined> {
  switch (disturbance.object) {
    case 'runner process':
      return disturbRunner(world, disturbance.action, pick);
    case 'message':
      return (await damageMessage(world, disturbance.action)) ? nothing : undefined;
    case 'deploy':
      return (await dieInDeploy(world, pick)) ? nothing : undefined;
    default:
      return (await deleteOne(world, disturbance.object, pick)) ? nothing : undefined;
  }
}

async function disturbPart(
  disturbance: Extract<Disturbance, { part: unknown }>,
  world: World,
): Promise<Mend | undefined> {
  const part = world.parts.get(disturbance.part);
  if (part === undefined) return undefined;
  switch (disturbance.action) {
    case 'kill':
    case 'down':
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
    case 'read-only':
    case 'out-of-memory':
      return refuseWrites(world, disturbance.action);
    case 'restore':
      return restoreLater(world);
    case 'full disk':
      return fillDisk(world);
    case 'damage':
      return (await damage(world)) ? nothing : undefined;
    default:
      return misbehave(world, disturbance.action);
  }
}
