import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TcpRelay, until } from '@cloudemy/testing';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { serviceToken } from './testing/fake-backend.js';
import { TestStack } from './testing/stack.js';

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.start();
});
afterAll(() => stack.stop());

/** The program as `npm run build` leaves it. */
const program = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** Stopping without an answer from anybody takes its time, and so do the locks of what was in hand. */
const timeoutMs = 120_000;

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function run(env: Record<string, string>) {
  const child = spawn(process.execPath, [program], { env: { PORT: '0', ...env } });
  children.push(child);
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
  return { child, output, exited: once(child, 'exit') };
}

test('an environment without what it needs ends in a sentence naming it', async () => {
  const { output, exited } = run({});
  expect((await exited)[0]).toBe(78);
  expect(output.stderr).toMatch(/INTERNAL_SERVICE_TOKEN: is not set[^]*RUNNER_IMAGE: is not set/);
  expect(output.stderr).not.toMatch(/^\s+at /m);
});

test('without a cluster named it says how to name one', async () => {
  const { output, exited } = run({ RUNNER_IMAGE: 'x:1', INTERNAL_SERVICE_TOKEN: 'y' });
  expect((await exited)[0]).toBe(78);
  expect(output.stderr).toContain('KUBECONFIG: ');
});

const wholeEnv = () => ({
  RUNNER_IMAGE: 'cloudemy/runner:test',
  INTERNAL_SERVICE_TOKEN: serviceToken,
  REDIS_URL: stack.redis.url,
  BACKEND_INTERNAL_URL: stack.toBackend.url,
  KUBECONFIG: join(stack.folder, 'relayed'),
});

test(
  'SIGTERM ends it with 0, and no secret was logged',
  async () => {
    const { child, output, exited } = run(wholeEnv());
    while (!output.stdout.includes('scheduler takes submissions')) await once(child.stdout, 'data');
    const id = await stack.submit();
    await until(async () => (await stack.job(id)) !== undefined);
    child.kill('SIGTERM');
    expect((await exited)[0]).toBe(0);
    expect(output.stdout).toContain('"msg":"Job created"');
    expect(output.stdout).toContain(`"submission_id":"${id}"`);
    for (const secret of [serviceToken, `token-of-${id}-1`, stack.local.token]) {
      expect(output.stdout + output.stderr).not.toContain(secret);
    }
  },
  timeoutMs,
);

test.each(['cut', 'silence'] as const)(
  'SIGTERM ends it with 0 when all it needs is gone (%s), and what it had in hand is not lost',
  async (fault) => {
    const toRedis = await TcpRelay.before(stack.redis.url);
    const gone = [toRedis, stack.toCluster, stack.toBackend];
    const { child, output, exited } = run({ ...wholeEnv(), REDIS_URL: toRedis.url });
    try {
      while (!output.stdout.includes('scheduler takes submissions')) await once(child.stdout, 'data');
      stack.toCluster[fault]();
      const ids = await Promise.all(Array.from({ length: 3 }, () => stack.submit()));
      for (const link of gone) link[fault]();
      child.kill('SIGTERM');
      expect([(await exited)[0], output.stderr]).toEqual([0, '']);
      for (const link of gone) link.restore();
      await stack.scheduler();
      await until(async () => (await Promise.all(ids.map((id) => stack.job(id)))).every(Boolean));
      await stack.reset();
    } finally {
      for (const link of gone) link.restore();
      await toRedis.close();
    }
  },
  timeoutMs,
);
