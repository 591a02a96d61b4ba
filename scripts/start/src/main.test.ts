import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
let data: string;
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'start-'));
});
afterAll(() => rm(data, { recursive: true }));

/** Runs `npm start` with nothing in its environment but this. */
async function start(args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [main, '--data', data, ...args], { env });
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => {
      child.once('exit', resolve);
    }),
  ]);
  return { stdout, stderr, code };
}

test('help is an answer, not an error', async () => {
  const { stdout, stderr, code } = await start(['--help']);
  expect(stdout).toContain('--kubeconfig');
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
});

test('an option that does not exist is refused with those that do', async () => {
  const { stdout, stderr, code } = await start(['--onec']);
  expect(stderr).toContain('--once');
  expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
});

test('a cluster of one’s own needs an image and an address, and it is said which', async () => {
  const kubeconfig = ['--kubeconfig', 'some-file'];
  const without = await start(kubeconfig);
  expect(without).toMatchObject({ code: 1, stderr: expect.stringContaining('RUNNER_IMAGE') });
  const half = await start(kubeconfig, { RUNNER_IMAGE: 'registry.example/runner:1' });
  expect(half).toMatchObject({ code: 1, stderr: expect.stringContaining('HOST_ADDRESS') });
});
