import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageEntry } from '@cloudemy/emulator-cluster';
import { repositoryFolder } from '../folders.js';

/** The name under which the embedded cluster runs the runner of this checkout. */
export const localRunnerImage = 'cloudemy/runner:local';

/** Where pods find this checkout: wherever it lies, it may be where pods have folders of their own. */
const repositoryInPods = '/repository';
const programs = join(repositoryFolder, 'emulators', 'stack', 'pods');

/** A program of `pods/`, where an image of this name has its own. */
const program = (name: string, as = name) => ({ [`/usr/local/bin/${as}`]: join(programs, name) });

/**
 * What the images of the manifests stand for in the embedded cluster: the programs of this checkout, the embedded
 * MongoDB, and the Redis of this machine.
 *
 * @param cacheFolder where Redis is, if it had to be unpacked; must exist
 */
export function podImages(cacheFolder: string): ImageEntry[] {
  const files = { [repositoryInPods]: repositoryFolder };
  const app = (name: string): ImageEntry => ({
    pattern: `cloudemy/${name}:*`,
    image: { entrypoint: ['app', name], files: { ...files, ...program('app') } },
  });
  return [
    {
      pattern: 'cloudemy/runner:*',
      image: {
        entrypoint: ['node', '/app/runner.js'],
        files: { '/app': join(repositoryFolder, 'apps', 'runner', 'dist') },
      },
    },
    app('backend'),
    app('scheduler'),
    app('deployer'),
    app('frontend'),
    {
      pattern: 'cloudemy/emulators:*',
      image: { entrypoint: ['emulator'], files: { ...files, ...program('emulator') } },
    },
    {
      pattern: 'mongo:*',
      image: {
        entrypoint: ['mongod'],
        files: { ...files, ...program('mongod'), ...program('mongod', 'mongosh') },
      },
    },
    {
      pattern: 'redis:*',
      image: {
        entrypoint: ['redis-server'],
        files: {
          '/opt/cache': cacheFolder,
          ...program('redis', 'redis-server'),
          ...program('redis', 'redis-cli'),
        },
      },
    },
  ];
}

/** Writes the images down for the command of the embedded cluster; returns the file's path. */
export async function writeImagesFile(folder: string, cacheFolder: string): Promise<string> {
  const file = join(folder, 'images.json');
  await mkdir(folder, { recursive: true });
  await mkdir(cacheFolder, { recursive: true });
  await writeFile(file, JSON.stringify(podImages(cacheFolder)));
  return file;
}
