import { until } from '@cloudemy/testing';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { makeAccount } from './testing/account.js';
import { TestStack } from './testing/stack.js';

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.start();
});
afterEach(() => stack.reset());
afterAll(() => stack.stop());

const jobs = { apiGroups: ['batch'], resources: ['jobs'] };
const pods = { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] };
const events = { apiGroups: [''], resources: ['events'], verbs: ['list', 'watch'] };
const lease = { apiGroups: ['coordination.k8s.io'], resources: ['leases'] };
const leases = [
  { ...lease, verbs: ['create'] },
  { ...lease, resourceNames: ['cloudemy-scheduler'], verbs: ['get', 'update'] },
];

test('the rights it asks for are enough for all it does', async () => {
  const verbs = ['create', 'get', 'list', 'watch', 'delete'];
  const account = await makeAccount(stack, 'scheduler', [{ ...jobs, verbs }, pods, events, ...leases]);
  await stack.scheduler({}, account);
  const id = await stack.submit();
  await until(() => stack.backend.submissions.get(id)?.status === 'running');
  await stack.cancel(id);
  await until(async () => (await stack.job(id)) === undefined);
});

test('missing rights stop the start with their names', async () => {
  const account = await makeAccount(stack, 'poor', [
    { ...jobs, verbs: ['get', 'list', 'watch'] },
    pods,
    ...leases,
  ]);
  await expect(stack.scheduler({}, account)).rejects.toThrow(
    'create jobs.batch in namespace default, delete jobs.batch in namespace default, list events in namespace default, watch events in namespace default',
  );
});
