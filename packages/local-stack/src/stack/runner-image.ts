import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageEntry } from '@cloudemy/local-cluster';
import { repositoryFolder } from '../folders.js';

/** The name under which the embedded cluster runs the runner of this checkout. */
export const localRunnerImage = 'cloudemy/runner:local';

/** Tells the embedded cluster what the runner's image stands for; returns the file's path. */
export async function writeImagesFile(folder: string): Promise<string> {
  const files = { '/app': join(repositoryFolder, 'apps', 'runner', 'dist') };
  const file = join(folder, 'images.json');
  await mkdir(folder, { recursive: true });
  const images: ImageEntry[] = [
    { pattern: localRunnerImage, image: { entrypoint: ['node', '/app/runner.js'], files } },
  ];
  await writeFile(file, JSON.stringify(images));
  return file;
}
