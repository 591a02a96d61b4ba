import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Replica } from '../plan/catalogue.js';

const fileOf = (folder: string, replica: Replica): string => join(folder, `clock-${replica}`);

/** The flag of Node that gives a replica a clock which can be set wrong. */
export function clockFlag(folder: string, replica: Replica): string {
  const module = new URL('../../src/parts/shifted-clock.ts', import.meta.url);
  module.searchParams.set('file', fileOf(folder, replica));
  return `--import=${module.href}`;
}

/** Sets the clock of a replica wrong by so many milliseconds; 0 sets it right. */
export async function shiftClock(folder: string, replica: Replica, ms: number): Promise<void> {
  const file = fileOf(folder, replica);
  await writeFile(`${file}.new`, String(ms));
  await rename(`${file}.new`, file);
}
