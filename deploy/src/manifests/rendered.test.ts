import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { deployFolder } from './folders.js';
import { isMissingProgram, kustomize, overlays, renderedFile } from './render.js';

function hasKubectl(): boolean {
  try {
    execFileSync('kubectl', ['version', '--client'], { stdio: 'ignore' });
    return true;
  } catch (error) {
    if (isMissingProgram(error)) return false;
    throw error;
  }
}

(hasKubectl() ? describe : describe.skip)('with kubectl', () => {
  test.each([...overlays])('%s is kept as kubectl renders it (pnpm render)', async (overlay) => {
    const fresh = await kustomize(join(deployFolder, 'overlays', overlay));
    expect(await readFile(renderedFile(overlay), 'utf8')).toBe(fresh);
  });
});
