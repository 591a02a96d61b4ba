import { until } from '@cloudemy/testing';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { fairKeys } from '@cloudemy/contracts';
import { JOBS, resourcePath } from '@cloudemy/k8s';
import { Worker } from 'bullmq';
import { buildRunnerJob } from './create/manifest.js';
import { newId } from './testing/fixtures.js';
import { TestStack } from './testing/stack.js';
import { testConfig } from './testing/test-config.js';

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.start();
});
afterEach(() => stack.reset());
afterAll(() => stack.stop());

test('a submission becomes a Job, and its message is gone', async () => {
  await stack.scheduler();
  const id = await stack.submit();
  await until(async () => (await stack.job(id)) !== undefined);
  await until(async () => (await stack.pending()) === 0);
  expect(stack.backend.submissions.get(id)?.status).not.toBe('queued');
  expect((await stack.job(id))?.spec.template.spec.containers[0]?.image).toBe('cloudemy/runner:test');
});

test('two schedulers side by side create each Job once', async () => {
  await Promise.all([stack.scheduler(), stack.scheduler()]);
  const ids = await Promise.all(Array.from({ length: 40 }, () => stack.submit()));
  await until(async () => (await stack.pending()) === 0);
  const names = (await stack.jobs()).map(({ metadata }) => metadata.name);
  expect(names).toHaveLength(ids.length);
  expect(new Set(names)).toEqual(new Set(ids.map((id) => `runner-${id}`)));
});

test('a message that comes again finds its Job', async () => {
  await stack.scheduler();
  const id = await stack.submit();
  await until(async () => (await stack.pending()) === 0);
  const first = await stack.job(id);
  await stack.enqueue(id);
  await until(async () => (await stack.pending()) === 0);
  expect((await stack.job(id))?.metadata.uid).toBe(first?.metadata.uid);
});

test("another installation's Jobs in the namespace are not counted, judged or deleted", async () => {
  const strayOf = (INSTANCE: string) =>
    buildRunnerJob(testConfig({ INSTANCE }), {
      submission_id: newId(),
      attempt: 1,
      result_token: 'token',
      request_id: 'request',
      traceparent: undefined,
    });
  const [theirs, ours] = [strayOf('theirs'), strayOf('ours')];
  for (const job of [theirs, ours]) {
    await stack.cluster.api.create(resourcePath(JOBS, { namespace: 'default' }), job);
  }
  // Both lead: the second removes what its backend does not know, and only the own Job takes room.
  await stack.scheduler({ INSTANCE: 'somebody', QUEUE_SUBMISSIONS: 'other:submissions' });
  await stack.scheduler({ INSTANCE: 'ours', MAX_JOBS_IN_FLIGHT: '1' });
  const names = async () => (await stack.jobs()).map(({ metadata }) => metadata.name);
  await until(async () => !(await names()).includes(ours.metadata.name));
  const id = await stack.submit();
  await until(async () => (await stack.job(id)) !== undefined);
  expect(await names()).toContain(theirs.metadata.name);
});

test('no Job for a submission that is cancelled, superseded or unknown', async () => {
  await stack.scheduler();
  const [cancelled, superseded, unknown] = [newId(), newId(), newId()];
  stack.backend.submissions.set(cancelled, { attempt: 1, status: 'cancelled' });
  stack.backend.submissions.set(superseded, { attempt: 2, status: 'queued' });
  for (const id of [cancelled, superseded, unknown]) await stack.enqueue(id);
  await until(async () => (await stack.pending()) === 0);
  expect(await stack.jobs()).toEqual([]);
});

test('a message that is no submission becomes a dead letter and leaves the queue', async () => {
  await stack.scheduler();
  const id = newId();
  await stack.queue.add('submission', { submission_id: id, attempt: 'first' }, { jobId: 'poison-1' });
  await until(() => stack.backend.deadLetters.length === 1);
  expect(stack.backend.deadLetters[0]).toMatchObject({
    queue_job: 'poison-1',
    payload: `{"submission_id":"${id}","attempt":"first"}`,
    reason: expect.stringContaining('attempt'),
    submission_id: id,
    attempt: null,
  });
  await until(async () => (await stack.queue.getJob('poison-1')) === undefined);
});

test('a dead letter that cannot be handed over stays on the queue', async () => {
  const scheduler = await stack.scheduler();
  stack.toBackend.cut();
  await stack.queue.add('submission', 'rubbish', { jobId: 'poison-2' });
  await until(async () => (await scheduler.ready()).includes('"backend","ok":false'));
  expect(await stack.pending()).toBe(1);
  stack.toBackend.restore();
  await until(() => stack.backend.deadLetters.length === 1);
  expect(stack.backend.deadLetters[0]).toMatchObject({ payload: '"rubbish"', submission_id: null });
});

test('what the queue itself has given up becomes a dead letter', async () => {
  const id = await stack.submit();
  // Another tool at work: it takes the message and fails it for good.
  const other = new Worker('submissions', null, { connection: stack.connection, prefix: 'queue' });
  const job = await other.getNextJob('token');
  await job?.moveToFailed(new Error('not mine'), 'token');
  await other.close();
  await stack.scheduler();
  await until(() => stack.backend.deadLetters.length === 1);
  expect(stack.backend.deadLetters[0]).toMatchObject({
    submission_id: id,
    reason: expect.stringContaining('not mine'),
    cause: 'given_up',
  });
  await until(async () => (await stack.queue.getFailedCount()) === 0);
});

test('publishers learn how far the queue has got', async () => {
  await stack.scheduler();
  const ids = await Promise.all([5, 9, 7].map((priority) => stack.submit(newId(), 1, priority)));
  await until(async () => (await stack.jobs()).length === ids.length);
  await until(async () => (await stack.connection.get(fairKeys.virtualTime)) === '9');
});

test('while as many Jobs are in flight as may be, nothing is in hand: the queue keeps its order', async () => {
  await stack.scheduler({ MAX_JOBS_IN_FLIGHT: '1' });
  const first = await stack.submit();
  const running = (): string[] =>
    [...stack.backend.submissions].flatMap(([id, { status }]) => (status === 'running' ? [id] : []));
  await until(() => running().length === 1);
  await Promise.all(Array.from({ length: 6 }, () => stack.submit(newId(), 1, 10)));
  const urgent = await stack.submit(newId(), 1, 1);
  await until(async () => (await stack.queue.getActiveCount()) === 0);
  stack.backend.submissions.set(first, { attempt: 1, status: 'graded' });
  await stack.deleteJob(`runner-${first}`);
  await until(() => running().length === 1);
  expect(running()).toEqual([urgent]);
});

test('rate limits of the model lower how many Jobs are in flight', async () => {
  const scheduler = await stack.scheduler({ MAX_JOBS_IN_FLIGHT: '8' });
  stack.backend.rateLimited = 3;
  const first = await stack.submit();
  await until(async () => (await stack.job(first)) !== undefined);
  await Promise.all([stack.submit(), stack.submit()]);
  await until(async () => (await stack.pending()) === 2 && (await stack.queue.getActiveCount()) === 0);
  expect(await stack.jobs()).toHaveLength(1);
  const metrics = await (await fetch(`${scheduler.url}/metrics`)).text();
  expect(metrics).toMatch(/scheduler_jobs_in_flight_limit\{service="scheduler"\} 1/);
});

test('stopping hands back what waits for room', async () => {
  const first = await stack.scheduler({ MAX_JOBS_IN_FLIGHT: '1' });
  const ids = await Promise.all(Array.from({ length: 5 }, () => stack.submit()));
  await until(async () => (await stack.jobs()).length === 1);
  expect(await first.stop()).toBe(true);
  expect(await stack.queue.getActiveCount()).toBe(0);
  expect(await stack.pending()).toBe(4);
  await stack.scheduler({ MAX_JOBS_IN_FLIGHT: '10' });
  await until(async () => (await stack.jobs()).length === ids.length);
});
