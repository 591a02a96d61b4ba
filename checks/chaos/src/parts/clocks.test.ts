import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { clockFlag, shiftClock } from './clocks.js';

const run = promisify(execFile);
const day = 86_400_000;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cloudemy-clock-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** What a program of its own prints. */
async function printed(script: string): Promise<string> {
  const { stdout } = await run(process.execPath, [clockFlag(folder, 'backend-1'), '-e', script]);
  return stdout.trim();
}

test('a clock that was set wrong shows another day, however it is asked', async () => {
  const before = Date.now();
  await shiftClock(folder, 'backend-1', 3 * day);
  const times = await printed('console.log(Date.now(), new Date().getTime(), Date.parse(Date()))');
  for (const time of times.split(' ')) expect(Number(time)).toBeGreaterThan(before + 2 * day);
});

test('dates that are given stay as they are, and are dates', async () => {
  await shiftClock(folder, 'backend-1', 3 * day);
  const script = 'const d = new Date(5); console.log(d.getTime(), d instanceof Date, Date.UTC(1970, 0, 2))';
  expect(await printed(script)).toBe(`5 true ${day}`);
});

test('a clock that nobody has set is right', async () => {
  expect(Math.abs(Number(await printed('console.log(Date.now())')) - Date.now())).toBeLessThan(day);
});
