import { until } from '@cloudemy/testing';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { JOBS, type Job, PODS, type Pod, resourcePath } from '@cloudemy/k8s';
import { jobOf, newId } from '../testing/fixtures.js';
import { TestStack } from '../testing/stack.js';

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.start();
});
afterEach(() => stack.reset());
afterAll(() => stack.stop());

const failed = (id: string) => until(() => stack.backend.submissions.get(id)?.status === 'failed');

test('a runner that starts is reported running, once', async () => {
  await stack.scheduler();
  const id = await stack.submit();
  await until(() => stack.backend.submissions.get(id)?.status === 'running');
  expect(stack.backend.reports.filter(({ kind }) => kind === 'running')).toHaveLength(1);
});

test.each([
  ['breaks', 'crashed', 'did not finish: its process exited with code 1.', true],
  // Told as soon as the pod has ended: a reconciliation that comes before the Job ends removes what nobody waits for.
  ['misconfigured', 'runner_misconfigured', 'code 78', false],
])('a runner that %s fails its attempt as %s', async (image, code, words, isKept) => {
  await stack.scheduler({ RUNNER_IMAGE: `test/${image}:1`, RUNNER_BACKOFF_LIMIT: '0' });
  const id = await stack.submit();
  await failed(id);
  expect(stack.backend.failuresOf(id)).toEqual([
    expect.objectContaining({ code, message: expect.stringContaining(words) }),
  ]);
  // Left for people to read its log.
  if (isKept) expect(await stack.job(id)).toBeDefined();
});

test('the cluster does not try a runner again that says it cannot work', async () => {
  await stack.scheduler({ RUNNER_IMAGE: 'test/misconfigured:1' });
  const id = await stack.submit();
  await failed(id);
  const job = await stack.job(id);
  expect([job?.spec.backoffLimit, job?.status?.failed]).toEqual([1, 1]);
});

test('a runner out of time fails its attempt in words', async () => {
  await stack.scheduler({ RUNNER_ACTIVE_DEADLINE_SECONDS: '1' });
  const id = await stack.submit();
  await failed(id);
  expect(stack.backend.failuresOf(id)).toEqual([
    expect.objectContaining({
      code: 'deadline_exceeded',
      message: expect.stringContaining('deadline of 1 s'),
    }),
  ]);
});

test('a runner that ends well without a result fails its attempt', async () => {
  await stack.scheduler({ RUNNER_IMAGE: 'test/ends-well:1' });
  const id = await stack.submit();
  await failed(id);
  expect(stack.backend.failuresOf(id)).toEqual([expect.objectContaining({ code: 'no_result' })]);
});

test('an image that cannot be pulled is shown while it lasts, then fails the attempt and frees the place', async () => {
  await stack.scheduler({ RUNNER_IMAGE: 'test/nowhere:1', IMAGE_PULL_GRACE_MS: '300' });
  const id = await stack.submit();
  await failed(id);
  const [waiting, end] = stack.backend.reports;
  expect(waiting).toMatchObject({ kind: 'waiting', code: 'image_pull_failed' });
  expect(end).toMatchObject({ kind: 'failed', failure: { code: 'image_pull_failed', retryable: true } });
  expect(stack.backend.failuresOf(id)[0]?.message).toContain('test/nowhere:1');
  await until(async () => (await stack.job(id)) === undefined);
});

test('an image name that is none fails at once', async () => {
  await stack.scheduler({ RUNNER_IMAGE: 'Not:an:image', IMAGE_PULL_GRACE_MS: '600000' });
  const id = await stack.submit();
  await failed(id);
  expect(stack.backend.failuresOf(id)).toEqual([
    expect.objectContaining({ code: 'image_name_invalid', retryable: false }),
  ]);
});

test('a key that is not there fails the attempt by its name', async () => {
  await stack.scheduler({ LLM_SECRET_NAME: 'forgotten', MISSING_OBJECT_GRACE_MS: '300' });
  const id = await stack.submit();
  await failed(id);
  expect(stack.backend.failuresOf(id)).toEqual([
    expect.objectContaining({ code: 'secret_missing', message: expect.stringContaining('forgotten') }),
  ]);
});

test('pods that a quota does not let be are shown while it lasts, then fail the attempt', async () => {
  const quotas = '/api/v1/namespaces/default/resourcequotas';
  const spec = { hard: { pods: '0' } };
  await stack.cluster.api.create(quotas, { kind: 'ResourceQuota', metadata: { name: 'no-pods' }, spec });
  try {
    await stack.scheduler({ QUOTA_GRACE_MS: '1000' });
    const id = await stack.submit();
    await failed(id);
    const [waiting, end] = stack.backend.reports;
    expect(waiting).toMatchObject({ kind: 'waiting', code: 'quota_exceeded' });
    expect(end).toMatchObject({ kind: 'failed', failure: { code: 'quota_exceeded', retryable: true } });
    expect(stack.backend.failuresOf(id)[0]?.message).toContain('no-pods');
  } finally {
    await stack.cluster.api.delete(`${quotas}/no-pods`);
  }
});

test('pods that the rules of the namespace refuse are shown, then fail the attempt', async () => {
  const namespace = '/api/v1/namespaces/default';
  const enforce = (level: string | null) =>
    stack.cluster.api.patch(
      namespace,
      { metadata: { labels: { 'pod-security.kubernetes.io/enforce': level } } },
      'application/merge-patch+json',
    );
  const admission = { RUNNER_IMAGE: 'test/ends-well:1', ADMISSION_GRACE_MS: '300' };
  await stack.scheduler({ ...admission, RESULT_GRACE_MS: '60000' });
  await enforce('restricted');
  try {
    // The scheduler's own Jobs keep the strictest rules, so one of its Jobs is made as another hand would.
    const id = newId();
    stack.backend.submissions.set(id, { attempt: 1, status: 'scheduled' });
    const { metadata, spec } = jobOf(id);
    await stack.cluster.api.create<Job>(resourcePath(JOBS, { namespace: 'default' }), {
      metadata: { name: metadata.name ?? '', labels: metadata.labels ?? {} },
      spec: { template: { spec: { ...spec.template.spec, restartPolicy: 'Never' } } },
    });
    await failed(id);
    expect(stack.backend.reports.map((report) => report.kind)).toEqual(['waiting', 'failed']);
    expect(stack.backend.failuresOf(id)).toEqual([
      expect.objectContaining({ code: 'admission_refused', retryable: false }),
    ]);
  } finally {
    await enforce(null);
  }
});

test('a pod that no node can take is shown while it lasts, then fails the attempt', async () => {
  await stack.scheduler({
    RUNNER_CPU_REQUEST: '1000',
    RUNNER_CPU_LIMIT: '1000',
    UNSCHEDULABLE_GRACE_MS: '300',
  });
  const id = await stack.submit();
  await failed(id);
  expect(stack.backend.reports[0]).toMatchObject({
    kind: 'waiting',
    code: 'unschedulable',
    message: expect.stringContaining('cpu'),
  });
  expect(stack.backend.failuresOf(id)).toEqual([expect.objectContaining({ code: 'unschedulable' })]);
});

test('cancelling deletes the Job and its pod', async () => {
  await stack.scheduler({ RESYNC_INTERVAL_MS: '600000' });
  const id = await stack.submit();
  await until(() => stack.backend.submissions.get(id)?.status === 'running');
  await stack.cancel(id);
  await until(async () => (await stack.job(id)) === undefined);
  const pods = resourcePath(PODS, { namespace: 'default' });
  await until(async () => (await stack.cluster.api.listAll<Pod>(pods)).items.length === 0);
  expect(stack.backend.failuresOf(id)).toEqual([]);
});

test('a hint of a cancellation that the backend knows nothing of deletes no Job', async () => {
  await stack.scheduler({ RESYNC_INTERVAL_MS: '600000' });
  const [victim, other] = [await stack.submit(), await stack.submit()];
  const running = (id: string) => until(() => stack.backend.submissions.get(id)?.status === 'running');
  await Promise.all([running(victim), running(other)]);
  await stack.hint(victim);
  // Hints are heeded in order, so this one shows that the forged one was.
  await stack.cancel(other);
  await until(async () => (await stack.job(other)) === undefined);
  expect(await stack.job(victim)).toBeDefined();
  expect(stack.backend.failuresOf(victim)).toEqual([]);
});

test('a cancellation whose hint is lost is found by reconciling', async () => {
  await stack.scheduler();
  const id = await stack.submit();
  await until(() => stack.backend.submissions.get(id)?.status === 'running');
  stack.backend.submissions.set(id, { attempt: 1, status: 'cancelled' });
  await until(async () => (await stack.job(id)) === undefined);
});

test('a Job deleted by hand fails its attempt', async () => {
  await stack.scheduler();
  const id = await stack.submit();
  await until(() => stack.backend.submissions.get(id)?.status === 'running');
  await stack.deleteJob(`runner-${id}`);
  await failed(id);
  expect(stack.backend.failuresOf(id)).toEqual([expect.objectContaining({ code: 'job_deleted' })]);
});

test('a Job whose submission is unknown is removed; others in the namespace are left alone', async () => {
  const { api } = stack.cluster;
  const path = resourcePath(JOBS, { namespace: 'default' });
  const { spec } = jobOf('');
  const template = { spec: { ...spec.template.spec, restartPolicy: 'Never' } };
  const stray = jobOf(newId());
  const { uid: _, ...metadata } = stray.metadata;
  const asSent = { apiVersion: 'batch/v1', kind: 'Job', spec: { template } };
  await api.create<Job>(path, { ...asSent, metadata });
  await api.create<Job>(path, { ...asSent, metadata: { name: 'not-ours' } });
  await stack.scheduler();
  await until(async () => (await stack.jobs()).length === 1);
  expect((await stack.jobs())[0]?.metadata.name).toBe('not-ours');
});

test('a foreign Job of the same name fails the attempt, and is not touched', async () => {
  const id = newId();
  const path = resourcePath(JOBS, { namespace: 'default' });
  await stack.cluster.api.create<Job>(path, {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: `runner-${id}` },
    spec: { template: { spec: { ...jobOf(id).spec.template.spec, restartPolicy: 'Never' } } },
  });
  await stack.scheduler();
  await stack.submit(id);
  await failed(id);
  expect(stack.backend.failuresOf(id)).toEqual([expect.objectContaining({ code: 'job_rejected' })]);
  expect(await stack.job(id)).toBeDefined();
});
