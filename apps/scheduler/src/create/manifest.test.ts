import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { RunnerEnv } from '@cloudemy/contracts';
import { testConfig } from '../testing/test-config.js';
import { buildRunnerJob } from './manifest.js';

const id = '66f0c0ffee00000000000001';
const claimed = {
  submission_id: id,
  attempt: 1,
  result_token: 'signed.for.this',
  record_key: 'k'.repeat(43),
  request_id: 'req-1',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
};

function envOf(job: ReturnType<typeof buildRunnerJob>): Record<string, string> {
  return Object.fromEntries(
    job.spec.template.spec.containers[0].env.map((item) => [
      item.name,
      'value' in item ? item.value : 'secret',
    ]),
  );
}

test('the Job is what the requirements say', () => {
  const { metadata, spec } = buildRunnerJob(testConfig(), claimed);
  expect(metadata.name).toBe(`runner-${id}`);
  expect(metadata.namespace).toBe('default');
  expect(spec).toMatchObject({
    backoffLimit: 1,
    activeDeadlineSeconds: 120,
    template: { spec: { restartPolicy: 'Never', containers: [{ image: 'cloudemy/runner:test' }] } },
  });
  expect(metadata.labels).toEqual({
    'app.kubernetes.io/managed-by': 'cloudemy-scheduler',
    'app.kubernetes.io/component': 'runner',
    'app.kubernetes.io/instance': 'cloudemy',
    'cloudemy.io/submission-id': id,
    'cloudemy.io/attempt': '1',
  });
  expect(spec.template.metadata.labels).toEqual(metadata.labels);
});

test('a later attempt has a name and a label of its own', () => {
  const { metadata } = buildRunnerJob(testConfig(), { ...claimed, attempt: 3 });
  expect(metadata.name).toBe(`runner-${id}-3`);
  expect(metadata.labels).toMatchObject({ 'cloudemy.io/attempt': '3' });
});

test('what the requirements call configurable is', () => {
  const { spec } = buildRunnerJob(
    testConfig({
      RUNNER_RESTART_POLICY: 'OnFailure',
      RUNNER_BACKOFF_LIMIT: '0',
      RUNNER_ACTIVE_DEADLINE_SECONDS: '30',
      RUNNER_TTL_SECONDS: '0',
      RUNNER_RUNTIME_CLASS: 'gvisor',
    }),
    claimed,
  );
  expect(spec).toMatchObject({ backoffLimit: 0, activeDeadlineSeconds: 30, ttlSecondsAfterFinished: 0 });
  expect(spec.template.spec).toMatchObject({ restartPolicy: 'OnFailure', runtimeClassName: 'gvisor' });
});

test('the runner can read its environment', () => {
  const config = testConfig({
    LLM_BASE_URL: 'http://llm.example/v1',
    LLM_TIMEOUT_MS: '1000',
    LLM_PRICE_INPUT: '0.15',
    RESULT_RETRIES: '5',
    RUNNER_LOG_LEVEL: 'debug',
  });
  expect(RunnerEnv.parse(envOf(buildRunnerJob(config, claimed)))).toMatchObject({
    SUBMISSION_ID: id,
    REDIS_URL: 'redis://redis:6379',
    BACKEND_INTERNAL_URL: 'http://backend:8000/internal',
    INTERNAL_RESULT_TOKEN: 'signed.for.this',
    LLM_MODEL: 'gpt-4o-mini',
    LLM_BASE_URL: 'http://llm.example/v1',
    LLM_TIMEOUT_MS: 1000,
    LLM_PRICE_INPUT: 0.15,
    RESULT_RETRIES: 5,
    REQUEST_ID: 'req-1',
    TRACEPARENT: claimed.traceparent,
    LOG_LEVEL: 'debug',
  });
});

test.each([
  ['120', 100_000],
  ['60', 48_000],
  ['3', 3_000],
])('of a deadline of %s s the runner uses what leaves time to report', (seconds, ms) => {
  const config = testConfig({ RUNNER_ACTIVE_DEADLINE_SECONDS: seconds });
  expect(RunnerEnv.parse(envOf(buildRunnerJob(config, claimed))).RUNNER_BUDGET_MS).toBe(ms);
});

test('the runner is not started again when it says that it cannot work', () => {
  const onExitCodes = { containerName: 'runner', operator: 'In', values: [77, 78] };
  const policy = { rules: [{ action: 'FailJob', onExitCodes }] };
  expect(buildRunnerJob(testConfig(), claimed).spec.podFailurePolicy).toEqual(policy);
  // Kubernetes refuses such a policy there.
  const restarting = testConfig({ RUNNER_RESTART_POLICY: 'OnFailure' });
  expect(buildRunnerJob(restarting, claimed).spec).not.toHaveProperty('podFailurePolicy');
});

test('pods may reach the services elsewhere than the scheduler does', () => {
  const config = testConfig({
    RUNNER_REDIS_URL: 'redis://10.0.0.1:6379',
    RUNNER_BACKEND_INTERNAL_URL: 'http://10.0.0.1:8000/internal',
  });
  expect(envOf(buildRunnerJob(config, claimed))).toMatchObject({
    REDIS_URL: 'redis://10.0.0.1:6379',
    BACKEND_INTERNAL_URL: 'http://10.0.0.1:8000/internal',
  });
});

test('a runner is never given the password that the services have for Redis', () => {
  const apart = testConfig({ REDIS_USERNAME: 'services', REDIS_PASSWORD: 'secret' });
  expect(apart.REDIS_URL).toBe('redis://services:secret@redis:6379');
  const inUrl = testConfig({ REDIS_URL: 'redis://services:secret@redis:6379' });
  for (const config of [apart, inUrl]) {
    expect(envOf(buildRunnerJob(config, claimed))).toMatchObject({ REDIS_URL: 'redis://redis:6379' });
  }
});

test('the URL of Redis with the password of runners is a reference', () => {
  const config = testConfig({ RUNNER_REDIS_SECRET_NAME: 'runner-redis' });
  const { env } = buildRunnerJob(config, claimed).spec.template.spec.containers[0];
  expect(env.filter(({ name }) => name === 'REDIS_URL')).toEqual([
    { name: 'REDIS_URL', valueFrom: { secretKeyRef: { name: 'runner-redis', key: 'url' } } },
  ]);
});

test('the key of the model is a reference, never a value', () => {
  const job = buildRunnerJob(testConfig({ LLM_SECRET_NAME: 'keys', LLM_SECRET_KEY: 'openai' }), claimed);
  expect(job.spec.template.spec.containers[0].env).toContainEqual({
    name: 'LLM_API_KEY',
    valueFrom: { secretKeyRef: { name: 'keys', key: 'openai' } },
  });
});

test('the kubelet expands nothing in values', () => {
  const job = buildRunnerJob(testConfig({ LLM_MODEL: 'a$(REDIS_URL)b' }), claimed);
  expect(envOf(job)['LLM_MODEL']).toBe('a$$(REDIS_URL)b');
});

test('the pod passes Pod Security restricted and is given nothing it does not need', () => {
  const pod = buildRunnerJob(testConfig(), claimed).spec.template.spec;
  expect(pod).toMatchObject({
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 10_001,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '64Mi' } }],
  });
  expect(pod.containers[0]).toMatchObject({
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { cpu: '1', memory: '256Mi' } },
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
  });
});

test('runners leave through the proxy that is set, and reach the backend directly', () => {
  expect(Object.keys(envOf(buildRunnerJob(testConfig({ NO_PROXY: 'a.test' }), claimed)))).not.toContain(
    'NO_PROXY',
  );
  const env = envOf(
    buildRunnerJob(
      testConfig({
        https_proxy: 'http://proxy.test:3128',
        NO_PROXY: 'a.test, .b.test',
        BACKEND_INTERNAL_URL: 'http://backend:8000/internal',
      }),
      claimed,
    ),
  );
  expect(env).toMatchObject({
    HTTPS_PROXY: 'http://proxy.test:3128',
    NO_PROXY: 'a.test,.b.test,backend',
    NODE_USE_ENV_PROXY: '1',
  });
});

test('runners are given the authorities that are to be trusted, as a value', () => {
  const LLM_CA = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----';
  const folder = mkdtempSync(join(tmpdir(), 'ca-'));
  const file = join(folder, 'ca.crt');
  writeFileSync(file, LLM_CA);
  for (const given of [{ LLM_CA }, { LLM_CA_FILE: file }]) {
    expect(envOf(buildRunnerJob(testConfig(given), claimed))).toMatchObject({ LLM_CA });
  }
  expect(() => testConfig({ LLM_CA: 'no certificate' })).toThrow(/LLM_CA/);
  rmSync(folder, { recursive: true });
});

test("what the runner defaults to is the contract's, unless an operator says otherwise", () => {
  const unset = envOf(buildRunnerJob(testConfig(), claimed));
  expect(unset).not.toHaveProperty('RESULT_RETRIES');
  expect(RunnerEnv.parse({ ...unset, LLM_API_KEY: 'k' }).RESULT_RETRIES).toBe(2);
  expect(envOf(buildRunnerJob(testConfig({ RESULT_RETRIES: '5' }), claimed))['RESULT_RETRIES']).toBe('5');
});
