import { expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { version } from './version.js';

const root = join(import.meta.dirname, '../../..');
const read = (file: string): Promise<string> => readFile(join(root, file), 'utf8');

test('is that of the repository', async () => {
  expect(JSON.parse(await read('package.json'))).toMatchObject({ version });
});

test.each([
  ['docker-compose.yml', /CLOUDEMY_TAG:-([^}]+)\}/g],
  ['docker-compose.offline.yml', /CLOUDEMY_TAG:-([^}]+)\}/g],
  ['deploy/base/kustomization.yaml', /name: cloudemy\/\w+\n +newTag: (\S+)/g],
  ['deploy/base/scheduler.yaml', /RUNNER_IMAGE: cloudemy\/runner:(\S+)/g],
  ['checks/bench/src/images/image-start.ts', /CLOUDEMY_TAG'\] \?\? '([^']+)'/g],
  ['deploy/src/options.ts', /--image-tag TAG +their tag \(([^)]+)\)/g],
])('%s names it as the tag of the images', async (file, tag) => {
  const tags = [...(await read(file)).matchAll(tag)].map((match) => match[1]);
  expect(new Set(tags)).toEqual(new Set([version]));
});
