import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '../../..');
/** Lint forbids the imports; this is for what lint does not see: names in strings. */
const named = /(['"`])(?:(?!\1)[^\n])*(?:emulator|stand[-_ ]?in\b|standIn(?!g))(?:(?!\1)[^\n])*\1/i;

test('product code knows no emulator by name, in strings neither', async () => {
  const found: string[] = [];
  for await (const file of glob('{apps,packages}/*/src/**/*.ts', { cwd: root })) {
    if (/\.test\.ts$|\/testing\//.test(file)) continue;
    const lines = (await readFile(join(root, file), 'utf8')).split('\n');
    found.push(...lines.filter((line) => named.test(line)).map((line) => `${file}: ${line.trim()}`));
  }
  expect(found).toEqual([]);
});
