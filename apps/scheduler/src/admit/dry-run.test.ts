import { until } from '@cloudemy/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freePort } from '@cloudemy/emulator-stack';
import { createLogger } from '@cloudemy/service';
import { untilDryRunSucceeds } from './dry-run.js';
import { TestStack } from '../testing/stack.js';
import { testConfig } from '../testing/test-config.js';

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.start();
});
afterAll(() => stack.stop());

/** Tries a Job of this configuration until the cluster would take it. */
function trying(env: Record<string, string>) {
  const refused: string[] = [];
  const stopping = new AbortController();
  const done = untilDryRunSucceeds(stack.cluster.api, testConfig(env), createLogger('scheduler', 'silent'), {
    onRefused: ({ message }) => refused.push(message),
    signal: stopping.signal,
    everyMs: 20,
  });
  return { refused, stopping, done };
}

test('a Job that the cluster would take is not created for that', async () => {
  const { refused, done } = trying({});
  await done;
  expect(refused).toEqual([]);
  expect(await stack.jobs()).toEqual([]);
});

test('settings that no Job can have hold all work back, in words', async () => {
  const { refused, stopping, done } = trying({ RUNNER_CPU_REQUEST: '2', RUNNER_CPU_LIMIT: '1' });
  await until(() => refused.length > 1);
  expect(refused[0]).toMatch(/did not accept the grader's Job: .*requests.*RUNNER_\* variables/s);
  stopping.abort(new Error('told to end'));
  await expect(done).rejects.toThrow('told to end');
});

test('work begins when what was missing is there', async () => {
  const { refused, done } = trying({ K8S_NAMESPACE: 'later' });
  await until(() => refused.length > 0);
  expect(refused[0]).toMatch(/cannot be used at the moment: .*namespaces "later" not found/);
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'later' } };
  await stack.cluster.api.create('/api/v1/namespaces', namespace);
  await done;
});

test('a scheduler with such settings says so when asked whether it is ready, and takes no message', async () => {
  const id = await stack.submit();
  const port = await freePort();
  const wrong = { RUNNER_CPU_REQUEST: '2', RUNNER_CPU_LIMIT: '1' };
  const ended = stack.scheduler({ ...wrong, PORT: String(port) }).then(
    () => 'took submissions',
    (error: unknown) => String(error),
  );
  await until(async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
    return answer?.status === 503 && (await answer.text()).includes('did not accept');
  });
  expect(await stack.pending()).toBe(1);
  expect(stack.backend.submissions.get(id)?.status).toBe('queued');
  await stack.reset();
  expect(await ended).toMatch('stopped before it had started');
});
