import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { repositoryFolder } from '@cloudemy/emulator-stack';
import { expect, test } from '@jest/globals';
import { readExample } from './examples.js';

test('every example fits the contract, and its programs come good first', async () => {
  const folder = join(repositoryFolder, 'examples');
  const names = (await readdir(join(folder, 'assignments'))).map((file) => basename(file, '.json'));
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) {
    const { programs } = await readExample(folder, name);
    expect(programs.map(({ file }) => file.split('.')[0])).toEqual(['good', 'flawed', 'manipulating']);
  }
});
