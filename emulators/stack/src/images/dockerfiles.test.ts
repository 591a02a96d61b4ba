import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { repositoryFolder } from '../folders.js';

const files = {
  backend: { path: 'apps/backend/Dockerfile', port: 8000 },
  scheduler: { path: 'apps/scheduler/Dockerfile', port: 8001 },
  deployer: { path: 'apps/deployer/Dockerfile', port: 8002 },
  frontend: { path: 'apps/frontend/Dockerfile', port: 3000 },
  runner: { path: 'apps/runner/Dockerfile', port: undefined },
  emulators: { path: 'emulators/stack/Dockerfile', port: undefined },
};

/** One instruction with its arguments, comments left out and continued lines joined. */
interface Instruction {
  name: string;
  rest: string;
}

async function read(path: string): Promise<Instruction[]> {
  const text = await readFile(join(repositoryFolder, path), 'utf8');
  return text
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, name = '', rest = ''] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
      return { name, rest };
    });
}

const fetching = (instructions: Instruction[]): Instruction[] =>
  instructions.slice(0, instructions.findIndex(({ rest }) => rest === 'fetch AS build') + 1);

describe.each(Object.entries(files))('%s', (app, { path, port }) => {
  test('is built from the lockfiles, on bases that arguments name', async () => {
    const all = await read(path);
    expect(all.slice(0, 3)).toEqual([
      { name: 'ARG', rest: 'NODE_IMAGE=node:24-bookworm-slim' },
      { name: 'ARG', rest: 'NODE_OF=lockfile' },
      { name: 'ARG', rest: 'BASE_IMAGE=debian:bookworm-slim' },
    ]);
    const stages = all.filter(({ name }) => name === 'FROM').map(({ rest }) => rest);
    expect(stages).toEqual([
      '${NODE_IMAGE} AS fetch',
      '${NODE_IMAGE} AS node-of-image',
      '${BASE_IMAGE} AS node-of-lockfile',
      'fetch AS build',
      'node-of-${NODE_OF}',
    ]);
    const installs = all.filter(({ name, rest }) => name === 'RUN' && rest.includes('pnpm install'));
    expect(installs).not.toEqual([]);
    for (const { rest } of installs) expect(rest).toContain('--offline --frozen-lockfile');
    expect(JSON.stringify(all)).not.toMatch(/https?:\/\/(?!127\.0\.0\.1)/);
  });

  test('shares the steps that fetch with the others, so that they run once for all', async () => {
    expect(fetching(await read(path))).toEqual(fetching(await read(files.backend.path)));
  });

  test('its last stage is somebody by number, takes signals itself, and says what it is', async () => {
    const all = await read(path);
    const last = all.slice(all.findLastIndex(({ name }) => name === 'FROM'));
    const values = (wanted: string): string[] =>
      last.filter(({ name }) => name === wanted).map(({ rest }) => rest);
    expect(values('USER')).toEqual(['10001:10001']);
    // A JSON list starts the program itself; a plain line would start a shell, which passes no signal on.
    expect(values('ENTRYPOINT')).toEqual([expect.stringMatching(/^\[.*\]$/)]);
    expect(values('HEALTHCHECK')).toHaveLength(1);
    expect(values('EXPOSE')).toEqual(port === undefined ? [] : [String(port)]);
    const [labels] = values('LABEL');
    expect(labels).toContain(`org.opencontainers.image.title="Cloudemy ${app}"`);
    for (const name of ['description', 'licenses', 'version', 'revision']) {
      expect(labels).toContain(`org.opencontainers.image.${name}=`);
    }
  });
});

test('pnpm is the version that the repository names, under the hash of a lockfile of its own', async () => {
  const json = async (path: string): Promise<unknown> =>
    JSON.parse(await readFile(join(repositoryFolder, path), 'utf8'));
  const Root = z.object({ packageManager: z.string() });
  const { packageManager } = Root.parse(await json('package.json'));
  const version = packageManager.replace('pnpm@', '');
  expect(await json('scripts/pnpm/package.json')).toMatchObject({ dependencies: { pnpm: version } });
  const Lock = z.object({
    packages: z.record(
      z.string(),
      z.object({ version: z.string().optional(), integrity: z.string().optional() }),
    ),
  });
  const { packages } = Lock.parse(await json('scripts/pnpm/package-lock.json'));
  const installed = Object.entries(packages).filter(([name]) => name !== '');
  expect(installed.map(([name]) => name)).toContain('node_modules/pnpm');
  for (const [, locked] of installed)
    expect(locked).toEqual({ version, integrity: expect.stringMatching(/^sha512-/) });
});
