import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { loadSettings } from './settings.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'settings-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('settings are made once and readable by the owner alone', async () => {
  const first = await loadSettings(folder, 'mine');
  expect(first.instance).toMatch(/^mine-[0-9a-f]{8}$/);
  expect(first.resultTokenSecret.length).toBeGreaterThanOrEqual(32);
  expect((await stat(join(folder, 'secrets.json'))).mode & 0o777).toBe(0o600);
  expect(await loadSettings(folder)).toEqual(first);
});

test('what an older version kept stays, what it did not know is added', async () => {
  const older = { serviceToken: 'kept', resultTokenSecret: 'kept too' };
  await writeFile(join(folder, 'secrets.json'), JSON.stringify(older));
  expect(await loadSettings(folder)).toEqual({
    ...older,
    instance: expect.stringMatching(/^cloudemy-/),
    authSecret: expect.stringMatching(/^[0-9a-f]{64}$/),
    adminPassword: expect.stringMatching(/^[0-9a-f]{32}$/),
  });
});

test.each([
  ['empty', ''],
  ['damaged', '{"instance": "mine-0'],
  ['damaged', '[1'],
  ['damaged', '7'],
])(
  'a file that is %s stops the start with a sentence that says what to do, and stays as it is',
  async (how, text) => {
    const file = join(folder, 'secrets.json');
    await writeFile(file, text);
    await expect(loadSettings(folder)).rejects.toThrow(
      `secrets.json holds the secrets of this stack and is ${how}.`,
    );
    expect(await readFile(file, 'utf8')).toBe(text);
  },
);
