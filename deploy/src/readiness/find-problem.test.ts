import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cluster, connectCluster } from '@cloudemy/k8s';
import { type LocalCluster, startLocalCluster } from '@cloudemy/emulator-cluster';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ClusterObjects } from '../cluster/cluster-objects.js';
import type { Workload } from '../manifests/objects.js';
import { findProblem } from './find-problem.js';
import { waitUntilReady } from './wait.js';
import { isLive } from './workload-state.js';

let folder: string;
let local: LocalCluster;
let cluster: Cluster;
let objects: ClusterObjects;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cloudemy-readiness-'));
  local = await startLocalCluster({ folder });
  cluster = connectCluster({ kubeconfig: local.kubeconfigPath });
  objects = new ClusterObjects(cluster.api);
  await objects.apply({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'small', namespace: 'default' },
    spec: { hard: { 'requests.memory': '1Gi' } },
  });
});
afterAll(async () => {
  await cluster.close();
  await local.close();
  await rm(folder, { recursive: true, force: true });
});

/** Answers its probe as the services do, and writes a line for each request. */
const unreadyService = `
  const say = (line) => console.log(JSON.stringify(line));
  say({ level: 'warn', msg: 'it said so itself' });
  require('http').createServer((req, res) => {
    say({ level: 'info', msg: 'answered', method: req.method, path: req.url, status: 503 });
    res.statusCode = 503;
    res.end(JSON.stringify({ checks: [{ name: 'backend', ok: false, detail: 'it has no database' }] }));
  }).listen(18765);`;

/** A Deployment of one container, within the quota unless told otherwise. */
function deployment(
  name: string,
  container: { image?: string; command?: string[]; memory?: string; [field: string]: unknown },
) {
  const { image = 'busybox', command = ['sh', '-c', 'sleep 1000'], memory = '1Mi', ...rest } = container;
  const workload: Workload = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default' },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          containers: [{ name: 'main', image, command, resources: { requests: { memory } }, ...rest }],
        },
      },
    },
  };
  return workload;
}

/** What is told while waiting for the workload without success, until it is what was expected or half a minute is over. */
async function problemsOf(workload: Workload, expected: RegExp): Promise<string[]> {
  await objects.apply(workload);
  const told: string[] = [];
  const deadline = performance.now() + 30_000;
  while (!told.some((problem) => expected.test(problem)) && performance.now() < deadline) {
    const live = await objects.read(workload);
    const problem = live !== undefined && isLive(live) ? await findProblem(objects, live) : undefined;
    if (problem?.starting === false && problem.words !== told.at(-1)) told.push(problem.words);
    await sleep(100);
  }
  await objects.delete(workload);
  return told;
}

test.each([
  ['image-missing', { image: 'registry.invalid/no:1' }, /"registry\.invalid\/no:1" could not be pulled/],
  ['quota-exceeded', { memory: '2Gi' }, /its pods are refused: .*exceeded quota: small/],
  [
    'crash-loop',
    { command: ['sh', '-c', 'echo the setting X is wrong; exit 78'] },
    /code 78[^]*the setting X is wrong/,
  ],
  [
    'never-ready',
    {
      command: ['sh', '-c', 'echo waiting for a friend; sleep 1000'],
      readinessProbe: { exec: { command: ['false'] }, periodSeconds: 1 },
    },
    /runs and is not ready: .*[^]*waiting for a friend/,
  ],
  [
    'failing-check',
    {
      command: ['node', '-e', unreadyService],
      ports: [{ name: 'http', containerPort: 18_765 }],
      readinessProbe: { httpGet: { path: '/readyz', port: 'http' }, periodSeconds: 1 },
    },
    /is not ready: backend: it has no database\n +warn: it said so itself$/,
  ],
])(
  '%s is told in words',
  async (name, container, expected) => {
    expect(await problemsOf(deployment(name, container), expected)).toContainEqual(
      expect.stringMatching(expected),
    );
  },
  60_000,
);

test('what gets ready is told, and given up what lasts too long', async () => {
  const ready: string[] = [];
  const workload = deployment('well', {});
  await objects.apply(workload);
  const wait = { graceMs: 1, onReady: (name: string) => ready.push(name), onProblem: () => {} };
  await waitUntilReady(objects, [workload], { ...wait, timeoutMs: 25_000 });
  expect(ready).toEqual(['Deployment default/well']);
  const broken = deployment('given-up', { image: 'registry.invalid/no:1' });
  await objects.apply(broken);
  await expect(waitUntilReady(objects, [broken], { ...wait, timeoutMs: 25_000 })).rejects.toThrow(
    /Deployment default\/given-up: the image/,
  );
}, 60_000);

test('what is still within the time of its startup probe is no problem, and what keeps ending is never called ready', async () => {
  const slow = deployment('slow', {
    startupProbe: { exec: { command: ['false'] }, periodSeconds: 1, failureThreshold: 100 },
  });
  const ending = deployment('ending', { command: ['sh', '-c', 'echo the port is taken; exit 1'] });
  await objects.apply(slow);
  await objects.apply(ending);
  const ready: string[] = [];
  const alarming: string[] = [];
  const onReady = (name: string): number => ready.push(name);
  const onProblem = (name: string): number => alarming.push(name);
  const starting = waitUntilReady(objects, [slow], { onReady, onProblem, graceMs: 1, timeoutMs: 12_000 });
  const wait = { onReady, onProblem: () => {}, graceMs: 15_000, timeoutMs: 60_000 };
  await Promise.all([
    expect(starting).rejects.toThrow(/Not everything is ready/),
    expect(waitUntilReady(objects, [ending], wait)).rejects.toThrow(
      /Deployment default\/ending: .*code 1[^]*the port is taken/,
    ),
  ]);
  expect(alarming).toEqual([]);
  expect(ready).toEqual([]);
}, 100_000);
