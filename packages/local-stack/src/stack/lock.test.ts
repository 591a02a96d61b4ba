import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { StackLockedError, lockFolder } from './lock.js';
import { loadSecrets } from './settings.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lock-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('a folder in use by a living process is refused, naming it', async () => {
  await writeFile(join(folder, 'stack.pid'), `${process.ppid}\n`);
  await expect(lockFolder(folder)).rejects.toThrow(StackLockedError);
  await expect(lockFolder(folder)).rejects.toThrow(String(process.ppid));
});

test('a lock left by a process that is gone does not count, and is given back', async () => {
  await writeFile(join(folder, 'stack.pid'), '4194304999\n');
  const unlock = await lockFolder(folder);
  await unlock();
  await (
    await lockFolder(folder)
  )();
});

test('secrets are made once and readable by the owner alone', async () => {
  const first = await loadSecrets(folder);
  expect(first.resultTokenSecret.length).toBeGreaterThanOrEqual(32);
  expect(await loadSecrets(folder)).toEqual(first);
});
