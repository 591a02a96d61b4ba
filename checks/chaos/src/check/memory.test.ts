import { expect, test } from '@jest/globals';
import { limitOf } from './memory.js';

test('the limit of each service is that of its pod in the manifests', async () => {
  expect(await limitOf('backend')).toBe(512);
  expect(await limitOf('scheduler')).toBeGreaterThan(100);
  expect(await limitOf('deployer')).toBeGreaterThan(100);
});
