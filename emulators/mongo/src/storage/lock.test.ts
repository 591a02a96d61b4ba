import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { FolderInUseError, lockFolder } from './lock.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lock-'));
});
afterEach(() => rm(folder, { recursive: true }));

const lock = () => lockFolder(folder, 'test.lock');

test('a folder in use is refused, naming the process and the file, until it is given back', async () => {
  const unlock = await lock();
  await expect(lock()).rejects.toThrow(FolderInUseError);
  await expect(lock()).rejects.toThrow(String(process.pid));
  await expect(lock()).rejects.toThrow(join(folder, 'test.lock'));
  await unlock();
  await (
    await lock()
  )();
  expect(await readdir(folder)).toEqual([]);
});

test.each([
  ['nothing', undefined],
  ['a process that is gone', '4194304999 17\n'],
  ['a process whose number is another one’s now', `${process.ppid} 17\n`],
  ['one that died while it wrote the file', ''],
])('of many at once, one takes a folder left by %s', async (_whom, left) => {
  if (left !== undefined) await writeFile(join(folder, 'test.lock'), left);
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, lock));
  const taken = outcomes.filter(({ status }) => status === 'fulfilled');
  expect(taken).toHaveLength(1);
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(FolderInUseError);
  }
  expect(await readdir(folder)).toEqual(['test.lock']);
});
