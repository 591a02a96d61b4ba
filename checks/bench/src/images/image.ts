import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryFolder } from '@cloudemy/emulator-stack';

export type App = 'backend' | 'scheduler' | 'deployer';

/** What an image is made of, without the base: the bundle, and how its Dockerfile starts it. */
export interface UnpackedImage {
  /** The bundle. */
  script: string;
  nodeFlags: string[];
  env: Record<string, string>;
}

/**
 * Makes what the image of an app holds, as its Dockerfile says.
 *
 * @param folder for the bundle
 */
export async function unpackImage(app: App, folder: string): Promise<UnpackedImage> {
  const bundle = join(repositoryFolder, 'scripts', 'images', 'bundle.mjs');
  await promisify(execFile)(process.execPath, [bundle, app, folder]);
  const dockerfile = await readFile(join(repositoryFolder, 'apps', app, 'Dockerfile'), 'utf8');
  const final = dockerfile.slice(dockerfile.lastIndexOf('\nFROM')).replaceAll('\\\n', ' ');
  const entrypoint: unknown = JSON.parse(/^ENTRYPOINT (.*)$/m.exec(final)?.[1] ?? '[]');
  const words = Array.isArray(entrypoint) ? entrypoint.map(String) : [];
  const env = Object.fromEntries(
    [...final.matchAll(/^ENV (.*)$/gm)].flatMap(([, list = '']) =>
      list
        .trim()
        .split(/\s+/)
        .map((pair) => pair.split(/=(.*)/s).slice(0, 2)),
    ),
  );
  return { script: join(folder, 'main.mjs'), nodeFlags: words.slice(1, -1), env };
}

/** Bytes of memory that the container of an app requests in the manifests. */
export async function requestedMiB(app: App): Promise<number> {
  const manifest = await readFile(join(repositoryFolder, 'deploy', 'base', `${app}.yaml`), 'utf8');
  const request = /requests:[^}]*?memory: (\d+)Mi/s.exec(manifest)?.[1];
  if (request === undefined) throw new Error(`deploy/base/${app}.yaml requests no memory in Mi`);
  return Number(request);
}
