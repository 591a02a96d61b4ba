import { TcpRelay, until } from '@cloudemy/testing';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { announcedForMs, announcedScript, schedulersKey } from '@cloudemy/contracts';
import { Worker } from 'bullmq';
import { newId } from '../testing/fixtures.js';
import { TestStack } from '../testing/stack.js';

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.start();
});
afterEach(() => stack.reset());
afterAll(() => stack.stop());

test('Jobs in flight stay below the cap, and every submission gets its turn', async () => {
  await stack.scheduler({ MAX_JOBS_IN_FLIGHT: '2', RUNNER_IMAGE: 'test/ends-well:1' });
  const ids = await Promise.all(Array.from({ length: 8 }, () => stack.submit()));
  let most = 0;
  await until(async () => {
    const jobs = await stack.jobs();
    const unfinished = jobs.filter(({ status }) => status?.conditions === undefined);
    most = Math.max(most, unfinished.length);
    return jobs.length === ids.length;
  });
  expect(most).toBeLessThanOrEqual(2);
});

test('an API server that goes away delays Jobs and loses none', async () => {
  const scheduler = await stack.scheduler();
  const before = await stack.submit();
  await until(async () => (await stack.job(before)) !== undefined);
  stack.toCluster.cut();
  const during = await Promise.all(Array.from({ length: 5 }, () => stack.submit()));
  await until(async () => (await scheduler.ready()).includes('"kubernetes","ok":false'));
  // What was in hand is back on the queue, for others to take.
  await until(async () => (await stack.queue.getActiveCount()) === 0);
  expect([await stack.pending(), (await stack.jobs()).length]).toEqual([during.length, 1]);
  stack.toCluster.restore();
  await until(async () => (await stack.jobs()).length === 1 + during.length);
  await until(async () => (await stack.pending()) === 0);
  await until(() => during.every((id) => stack.backend.submissions.get(id)?.status === 'running'));
});

test('a backend that goes away delays claims and reports and loses none', async () => {
  const scheduler = await stack.scheduler({ RUNNER_IMAGE: 'test/breaks:1', RUNNER_BACKOFF_LIMIT: '0' });
  const first = await stack.submit();
  await until(async () => (await stack.job(first)) !== undefined);
  stack.toBackend.cut();
  const second = await stack.submit();
  await until(async () => (await scheduler.ready()).includes('"backend","ok":false'));
  stack.toBackend.restore();
  const codes = () => [first, second].map((id) => stack.backend.failuresOf(id).map(({ code }) => code));
  await until(() => codes().every(({ length }) => length > 0));
  expect(codes()).toEqual([['crashed'], ['crashed']]);
});

test('readiness says what does not answer', async () => {
  const scheduler = await stack.scheduler();
  const { ready } = scheduler;
  const says = (what: RegExp) => until(async () => what.test(await ready()));
  await says(/^200/);
  stack.toBackend.cut();
  await says(/^503.*"backend","ok":false/);
  stack.toBackend.restore();
  await says(/^200/);
});

test('when the leading replica stops, another goes on', async () => {
  const leader = await stack.scheduler();
  const first = await stack.submit();
  await until(() => stack.backend.submissions.get(first)?.status === 'running');
  await stack.scheduler();
  expect(await leader.stop()).toBe(true);
  await stack.deleteJob(`runner-${first}`);
  await until(() => stack.backend.submissions.get(first)?.status === 'failed');
  expect(stack.backend.failuresOf(first)).toHaveLength(1);
});

test('a quota holds a submission back, in words, until there is room', async () => {
  const quotas = '/api/v1/namespaces/default/resourcequotas';
  const spec = { hard: { 'count/jobs.batch': '0' } };
  const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'none' }, spec };
  await stack.cluster.api.create(quotas, quota);
  await stack.scheduler();
  const id = await stack.submit();
  await until(() => stack.backend.reports.length > 0);
  const [waiting] = stack.backend.reports;
  expect(waiting).toMatchObject({ kind: 'waiting', submission_id: id, code: 'quota_exceeded' });
  await stack.cluster.api.delete(`${quotas}/none`);
  await until(async () => (await stack.job(id)) !== undefined);
});

test('stopping during an outage hands back every message', async () => {
  const scheduler = await stack.scheduler();
  stack.toCluster.cut();
  const ids = await Promise.all(Array.from({ length: 5 }, () => stack.submit()));
  await until(async () => (await scheduler.ready()).includes('"kubernetes","ok":false'));
  expect(await scheduler.stop()).toBe(true);
  expect([await stack.queue.getActiveCount(), await stack.pending()]).toEqual([0, ids.length]);
  stack.toCluster.restore();
  await stack.scheduler();
  await until(async () => (await stack.jobs()).length === ids.length);
});

test('an attempt whose Job was deleted while no scheduler ran is failed, to be tried again', async () => {
  const scheduler = await stack.scheduler();
  const id = await stack.submit();
  await until(() => stack.backend.submissions.get(id)?.status === 'running');
  await scheduler.stop();
  await stack.deleteJob(`runner-${id}`);
  await until(async () => (await stack.job(id)) === undefined);
  await stack.scheduler();
  await until(() => stack.backend.submissions.get(id)?.status === 'failed');
  expect(stack.backend.reports.at(-1)).toMatchObject({ failure: { code: 'job_deleted', retryable: true } });
});

test('an attempt that was claimed and then lost with the queue is failed, to be tried again', async () => {
  const id = newId();
  stack.backend.submissions.set(id, { attempt: 1, status: 'scheduled' });
  await stack.scheduler();
  await until(() => stack.backend.submissions.get(id)?.status === 'failed');
  expect(stack.backend.failuresOf(id)).toEqual([expect.objectContaining({ code: 'job_deleted' })]);
});

test('the message of a scheduler that died is taken over by another', async () => {
  const dead = new Worker('submissions', null, {
    connection: stack.connection,
    prefix: 'queue',
    lockDuration: 1_000,
  });
  const id = await stack.submit();
  expect(await dead.getNextJob('of the dead')).toBeDefined();
  await stack.scheduler();
  await until(async () => (await stack.job(id)) !== undefined);
  await dead.close();
});

test('Redis that goes away and comes back delays submissions and loses none', async () => {
  const toRedis = await TcpRelay.before(stack.redis.url);
  try {
    const scheduler = await stack.scheduler({ REDIS_URL: toRedis.url });
    const before = await stack.submit();
    await until(async () => (await stack.job(before)) !== undefined && (await stack.pending()) === 0);
    toRedis.cut();
    const during = await stack.submit();
    await until(async () => (await scheduler.ready()).includes('"redis","ok":false'));
    toRedis.restore();
    await until(async () => (await stack.job(during)) !== undefined);
    await stack.reset();
  } finally {
    await toRedis.close();
  }
});

test('a scheduler that alone cannot reach the cluster keeps no message from the others', async () => {
  const toCluster = await TcpRelay.before(stack.local.url);
  try {
    const cutOff = await stack.scheduler({}, await stack.kubeconfigBy(toCluster));
    toCluster.cut();
    const first = await stack.submit();
    await until(async () => (await cutOff.ready()).includes('"kubernetes","ok":false'));
    await stack.scheduler();
    const ids = await Promise.all(Array.from({ length: 20 }, () => stack.submit()));
    await until(async () => (await stack.jobs()).length === ids.length + 1);
    expect(await stack.job(first)).toBeDefined();
    await until(async () => (await stack.pending()) === 0);
    await stack.reset();
  } finally {
    await toCluster.close();
  }
});

test('while the backend holds the queue, no message is kept, and one that is let through becomes a Job', async () => {
  await stack.scheduler();
  stack.backend.hold = { code: 'llm_auth_failed', message: 'The key is refused.', retry_after_ms: 30 };
  const ids = await Promise.all(Array.from({ length: 5 }, () => stack.submit()));
  await until(() => stack.backend.claimSizes.length > 3);
  expect([await stack.jobs(), await stack.pending()]).toEqual([[], ids.length]);
  stack.backend.probes = 1;
  await until(async () => (await stack.jobs()).length === 1 && (await stack.pending()) === ids.length - 1);
  stack.backend.hold = null;
  await until(async () => (await stack.jobs()).length === ids.length);
  expect(stack.backend.reports.filter(({ kind }) => kind === 'failed')).toEqual([]);
});

test('a scheduler says to the backend why it takes nothing, and takes it back', async () => {
  const said = () => stack.connection.eval(announcedScript, 1, schedulersKey, announcedForMs);
  const scheduler = await stack.scheduler();
  await until(async () => JSON.stringify(await said()) === '[""]');
  stack.toCluster.cut();
  await stack.submit();
  await until(async () => JSON.stringify(await said()).includes('cluster_unavailable'));
  stack.toCluster.restore();
  await until(async () => JSON.stringify(await said()) === '[""]');
  await scheduler.stop();
  expect(await said()).toEqual([]);
});

test('a Redis that answers and takes no writes makes the scheduler wait, and say so, until it does', async () => {
  const scheduler = await stack.scheduler();
  await stack.connection.config('SET', 'maxmemory', '1');
  await until(async () => /"redis","ok":false[^}]*OOM/.test(await scheduler.ready()));
  await stack.connection.config('SET', 'maxmemory', '0');
  const id = await stack.submit();
  await until(async () => (await stack.job(id)) !== undefined);
  await until(async () => (await stack.pending()) === 0);
  expect(stack.backend.deadLetters).toEqual([]);
});

test('metrics count what was done', async () => {
  const scheduler = await stack.scheduler();
  const id = await stack.submit();
  await until(async () => (await stack.job(id)) !== undefined);
  await until(async () => (await stack.pending()) === 0);
  const text = await (await fetch(`${scheduler.url}/metrics`)).text();
  expect(text).toMatch(/scheduler_messages_total\{outcome="created",service="scheduler"\} 1/);
  expect(text).toMatch(/scheduler_jobs_in_flight\{service="scheduler"\} 1/);
  expect(text).toMatch(/scheduler_queue_messages\{state="waiting",service="scheduler"\} 0/);
});
