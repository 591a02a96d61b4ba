import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Client, createClient, backendApi, deployerApi } from '@cloudemy/contracts';
import { PODS, openLog, resourcePath } from '@cloudemy/k8s';
import { type LocalLlm, startLocalLlm } from '@cloudemy/emulator-llm';
import { type Stack, defaultCacheFolder, repositoryFolder, startStack } from '@cloudemy/emulator-stack';
import { readExample } from '@cloudemy/start/examples';
import { followSubmission } from '@cloudemy/start/follow';
import { parse } from 'yaml';
import { type Collector, startCollector } from './collector.js';
import { exportedMetrics, metricsIn, readAlerts, readPanels } from './named-metrics.js';

const folder = join(repositoryFolder, 'deploy', 'observability');
/** Words that must not get into any log, wherever they come in. */
const canaries = {
  code: 'canary_in_the_code',
  llmKey: 'canary-llm-key-0123456789',
  secret: 'canary-secret-value',
  bearer: 'canary-bearer-token',
  ticket: 'canary-ticket',
};

let data: string;
let stack: Stack;
let llm: LocalLlm;
let collector: Collector;
let backend: Client<typeof backendApi>;
let submissionId: string;
let job: string;
const browserTrace = '4bf92f3577b34da6a3ce929d0e0e4736';

beforeAll(async () => {
  [llm, collector] = await Promise.all([startLocalLlm(), startCollector()]);
  data = await mkdtemp(join(tmpdir(), 'cloudemy-observability-'));
  stack = await startStack({
    folders: { data, logs: join(data, 'logs'), cache: defaultCacheFolder() },
    durable: false,
    ports: { backend: 0, scheduler: 0, deployer: 0 },
    llm: { apiKey: canaries.llmKey, baseUrl: llm.url },
    namespace: 'default',
    env: {
      LOG_LEVEL: 'debug',
      RUNNER_LOG_LEVEL: 'debug',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    },
  });
  const headers = { authorization: `Bearer ${canaries.bearer}` };
  backend = createClient(backendApi, { baseUrl: stack.backendUrl, headers });
  const { assignment } = await readExample(join(repositoryFolder, 'examples'), 'merge-intervals');
  const { assignment_id } = await backend.createAssignment({ body: assignment });
  const code = `def merge_intervals(intervals):\n    return "${canaries.code}"\n`;
  const submission = await backend.createSubmission(
    { body: { assignment_id, code } },
    { headers: { traceparent: `00-${browserTrace}-00f067aa0ba902b7-01` } },
  );
  submissionId = submission.submission_id;
  job = `runner-${submissionId}`;
  for await (const _ of followSubmission(stack.backendUrl, submissionId, AbortSignal.timeout(180_000)));
  const deployer = createClient(deployerApi, { baseUrl: stack.deployerUrl, headers });
  await deployer.deploy({
    body: {
      yaml_content: `apiVersion: v1\nkind: Secret\nmetadata: {name: canary}\nstringData: {password: ${canaries.secret}}`,
    },
  });
  // Refused, with the Secret in what is refused: errors tell of what they are about.
  await deployer
    .deploy({
      body: {
        yaml_content: `apiVersion: v1\nkind: Secret\nmetadata: {name: 5}\ndata: {password: ${canaries.secret}}`,
      },
    })
    .catch(() => undefined);
  await fetch(`${stack.deployerUrl}/terminal/${'a'.repeat(32)}?ticket=${canaries.ticket}`);
  await fetch(`${stack.backendUrl}/submissions`, {
    method: 'POST',
    headers,
    body: `{"code":"${canaries.code}`,
  });
}, 300_000);

afterAll(async () => {
  await stack.close();
  await Promise.all([llm.close(), collector.close()]);
  await rm(data, { recursive: true, force: true });
});

test('the submission was graded', async () => {
  const submission = await backend.getSubmission({ params: { submission_id: submissionId } });
  expect(submission).toMatchObject({ status: 'graded' });
});

test('one trace leads from the request of the browser to the result', async () => {
  const wanted = [
    ['backend', 'POST /submissions'],
    ['scheduler', 'take submission'],
    ['runner', 'grade submission'],
    ['runner', 'load submission'],
    ['runner', 'ask model'],
    ['runner', 'deliver result'],
    ['backend', 'POST /internal/submissions/:submission_id/result'],
  ];
  const find = ([service, name]: string[]) =>
    collector.spans.find(
      (span) => span.service === service && span.name === name && span.traceId === browserTrace,
    );
  while (!wanted.every(find)) await sleep(50);
  const [request, take, grade, load, ask, deliver, callback] = wanted.map(find);
  expect(request?.parentSpanId).toBe('00f067aa0ba902b7');
  expect(take?.parentSpanId).toBe(request?.spanId);
  expect(grade?.parentSpanId).toBe(take?.spanId);
  for (const step of [load, ask, deliver, callback]) expect(step?.parentSpanId).toBe(grade?.spanId);
}, 120_000);

test('dashboard and alerts name only metrics that a service exports, and figures move', async () => {
  const texts = await Promise.all(
    stack.services.map(async ({ url }) => (await fetch(`${url}/metrics`)).text()),
  );
  const exported = new Set(texts.flatMap((text) => [...exportedMetrics(text)]));
  const panels = readPanels(JSON.parse(await readFile(join(folder, 'dashboard.json'), 'utf8')));
  const alerts = readAlerts(parse(await readFile(join(folder, 'alerts.yaml'), 'utf8')));
  const expressions = [
    ...panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ where: title, expr }))),
    ...alerts.map(({ alert, expr }) => ({ where: alert, expr })),
  ];
  expect(expressions.length).toBeGreaterThan(30);
  const unknown = expressions.flatMap(({ where, expr }) =>
    metricsIn(expr)
      .filter((name) => !exported.has(name))
      .map((name) => `${where}: ${name}`),
  );
  expect(unknown).toEqual([]);
  const all = texts.join('\n');
  for (const sample of [
    // The result may come before the report of the start, and a slow cluster may be asked twice for the Job.
    /^submission_transitions_total\{from="\w+",to="graded",service="backend"\} 1$/m,
    /^submission_state_seconds_count\{service="backend",status="queued"\} [1-9]/m,
    /^llm_tokens_total\{model="[^"]+",kind="prompt",service="backend"\} [1-9]/m,
    /^scheduler_messages_total\{outcome="(?:created|found)",service="scheduler"\} 1$/m,
    /^deployments\{stage="deployed",service="deployer"\} 1$/m,
  ]) {
    expect(all).toMatch(sample);
  }
});

test('every alert has its lines in the runbook', async () => {
  const alerts = readAlerts(parse(await readFile(join(folder, 'alerts.yaml'), 'utf8')));
  const runbook = await readFile(join(repositoryFolder, 'docs', 'observability.md'), 'utf8');
  for (const { alert, annotations } of alerts) {
    expect(runbook).toContain(`### ${alert}\n`);
    expect(annotations.runbook).toBe(`docs/observability.md#${alert.toLowerCase()}`);
  }
});

test('no log of any part holds a token, a key, code or the data of a Secret', async () => {
  const files = (await readdir(join(data, 'logs'))).filter((file) => file.endsWith('.log'));
  const logs = await Promise.all(
    files.map(async (file) => ({ from: file, text: await readFile(join(data, 'logs', file), 'utf8') })),
  );
  const runner = await logOf(job);
  expect(files).toEqual(expect.arrayContaining(['backend.log', 'scheduler.log', 'deployer.log']));
  expect(runner).toContain('result delivered');
  const { serviceToken, resultTokenSecret } = stack.wiring.settings;
  const base64 = Buffer.from(canaries.secret).toString('base64');
  const forbidden = { ...canaries, serviceToken, resultTokenSecret, base64, jwt: 'eyJhbGciOi' };
  const found = [...logs, { from: 'runner', text: runner }].flatMap(({ from, text }) =>
    Object.entries(forbidden)
      .filter(([, word]) => text.includes(word))
      .map(([what]) => `${what} in ${from}`),
  );
  expect(found).toEqual([]);
});

/** The log of the pod of a Job, as the cluster has it. */
async function logOf(jobName: string): Promise<string> {
  const path = resourcePath(PODS, { namespace: stack.namespace });
  const { items } = await stack.cluster.api.listAll(path, { labelSelector: `job-name=${jobName}` });
  const pod = items[0]?.metadata.name ?? '';
  return text(await openLog(stack.cluster.api, { namespace: stack.namespace, pod, container: 'runner' }));
}

test('the metrics of an expression are told from its functions, labels and words', () => {
  expect(
    metricsIn('sum by (le, a) (rate(b_total{c="d_total"}[5m])) / max(e) > 0.2 and absent(f) == 1'),
  ).toEqual(['b_total', 'e', 'f']);
});
