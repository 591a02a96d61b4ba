import { shiftClock } from '../parts/clocks.js';
import type { World } from '../parts/world.js';
import type { Replica } from '../plan/catalogue.js';

const minute = 60_000;
const jumps = [-180 * minute, -15 * minute, 11 * minute, 15 * minute, 180 * minute, 366 * 24 * 60 * minute];

/**
 * Sets the clock of one replica wrong, by minutes or years; returns what sets it right.
 *
 * @param pick from 0 up to 1: by how much
 */
export async function jump({ folders }: World, replica: Replica, pick: number): Promise<() => Promise<void>> {
  await shiftClock(folders.data, replica, jumps[Math.floor(pick * jumps.length)] ?? 0);
  return () => shiftClock(folders.data, replica, 0);
}
