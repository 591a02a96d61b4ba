import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { serviceToken } from './testing/backend-stand-in.js';
import { TestStack } from './testing/stack.js';
import { until } from './testing/until.js';

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.start();
});
afterAll(() => stack.stop());

/** The program as `npm run build` leaves it. */
const program = fileURLToPath(new URL('../dist/main.js', import.meta.url));

function run(env: Record<string, string>) {
  const child = spawn(process.execPath, [program], { env: { PORT: '0', ...env } });
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

test('SIGTERM ends it with 0, and no secret was logged', async () => {
  const { child, output, exited } = run({
    RUNNER_IMAGE: 'cloudemy/runner:test',
    INTERNAL_SERVICE_TOKEN: serviceToken,
    REDIS_URL: stack.redis.url,
    BACKEND_INTERNAL_URL: stack.toBackend.url,
    KUBECONFIG: join(stack.folder, 'relayed'),
  });
  const id = await stack.submit();
  await until(async () => (await stack.job(id)) !== undefined);
  child.kill('SIGTERM');
  expect((await exited)[0]).toBe(0);
  expect(output.stdout).toContain('"msg":"Job created"');
  expect(output.stdout).toContain(`"submission_id":"${id}"`);
  for (const secret of [serviceToken, `token-of-${id}-1`, stack.local.token]) {
    expect(output.stdout + output.stderr).not.toContain(secret);
  }
});
