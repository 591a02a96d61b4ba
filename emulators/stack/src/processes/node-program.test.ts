import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startNodeProgram } from './node-program.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'node-program-'));
});
afterAll(() => rm(folder, { recursive: true }));

const program = async (source: string): Promise<string> => {
  const script = join(folder, 'program.mjs');
  await writeFile(script, source);
  return script;
};

test('a full disk ends the log of a part, and the part works on', async () => {
  const logFile = join(folder, 'full.log');
  // Writing there fails with ENOSPC, always.
  await symlink('/dev/full', logFile);
  const script = await program(`
    for (let line = 0; line < 1_000; line += 1) console.log('ready ' + line);
    process.exitCode = 3;
  `);
  const part = startNodeProgram({ name: 'part', script, logFile });
  expect(await part.firstLine).toBe('ready 0');
  expect(await part.exited).toBe(3);
});

test('a part that ends says its last words, and where the others are', async () => {
  const logFile = join(folder, 'ended.log');
  const script = await program(`console.error('no address is free'); process.exitCode = 2;`);
  const part = startNodeProgram({ name: 'part', script, logFile });
  await expect(part.broken).rejects.toThrow(`part ended with code 2. Its last words:\nno address is free`);
  await expect(part.broken).rejects.toThrow(logFile);
});
