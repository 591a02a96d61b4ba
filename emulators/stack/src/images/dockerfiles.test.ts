import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { repositoryFolder } from '../folders.js';

const files = {
  backend: { path: 'apps/backend/Dockerfile', port: 8000 },
  scheduler: { path: 'apps/scheduler/Dockerfile', port: 8001 },
  deployer: { path: 'apps/deployer/Dockerfile', port: 8002 },
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
  instructions.slice(0, instructions.findIndex(({ rest }) => rest.includes('pnpm fetch')) + 1);

describe.each(Object.entries(files))('%s', (app, { path, port }) => {
  test('is built from the lockfile, on a base that an argument names', async () => {
    const all = await read(path);
    expect(all[0]).toEqual({ name: 'ARG', rest: 'NODE_IMAGE=node:24-bookworm-slim' });
    for (const { rest } of all.filter(({ name }) => name === 'FROM'))
      expect(rest).toMatch(/^\$\{NODE_IMAGE\}/);
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
