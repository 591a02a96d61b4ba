import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JobStatus } from '@cloudemy/contracts';
import { type Cluster, type Job, type KubeEvent, type Pod, connectCluster, describeJob } from '@cloudemy/k8s';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { describeObject } from '../deployments/object-state.js';
import { containerLife } from '../logs/container-state.js';
import { viewJob } from './job-view.js';

interface Recorded {
  job: Job;
  pods: Pod[];
  events: KubeEvent[];
}

/** Moments of Jobs on a Kubernetes 1.36 cluster. */
const folder = new URL('../../../../packages/k8s/src/jobs/fixtures/', import.meta.url);
const names = readdirSync(folder);
const recorded = new Map(names.map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]));

/** What an API server never leaves out: without these there is no such object. */
const required = [
  /^(job|pods|events)$/,
  /^(job|pods\.\d+|events\.\d+)$/,
  /\.(metadata|involvedObject|template|containers)$/,
  /^(job|pods\.\d+)(\.spec|\.spec\.template\.spec)$/,
  /\.(containers|initContainers|containerStatuses|initContainerStatuses)\.\d+(\.name)?$/,
  /\.conditions\.\d+(\.type|\.status)?$/,
  /\.ownerReferences\.\d+(\.\w+)?$/,
  /\.terminated\.exitCode$/,
];

/** The path of every field that may be missing. */
function optionalPaths(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => {
    const own = [...path, key];
    const isRequired = required.some((form) => form.test(own.join('.')));
    const below = optionalPaths(child, own);
    return isRequired || Array.isArray(value) ? below : [own, ...below];
  });
}

/** The text with this field as `null`, or without it. */
function without(text: string, path: readonly string[], isNull: boolean): string {
  const root: unknown = JSON.parse(text);
  let at = root;
  for (const key of path.slice(0, -1)) at = Reflect.get(Object(at), key);
  const last = path.at(-1) ?? '';
  if (isNull) Reflect.set(Object(at), last, null);
  else Reflect.deleteProperty(Object(at), last);
  return JSON.stringify(root);
}

describe('a field that an API server sends as null or leaves out', () => {
  let server: Server;
  let cluster: Cluster;
  let kubeconfig: string;
  let answer = '';

  beforeAll(async () => {
    server = createServer((_, response) => response.end(answer)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    kubeconfig = mkdtempSync(join(tmpdir(), 'missing-fields-'));
    const path = join(kubeconfig, 'config');
    writeFileSync(
      path,
      JSON.stringify({
        clusters: [{ name: 'c', cluster: { server: `http://127.0.0.1:${port}` } }],
        users: [{ name: 'u', user: {} }],
        contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
        'current-context': 'x',
      }),
    );
    cluster = connectCluster({ kubeconfig: path });
  });

  afterAll(async () => {
    await cluster.close();
    server.close();
    rmSync(kubeconfig, { recursive: true });
  });

  /** Everything that is shown of a Job. */
  function viewAll({ job, pods, events }: Recorded): void {
    const outcome = describeJob(job, pods, events);
    const view = viewJob({ job, uid: 'uid', deploymentId: '6a1fcb2f5c2d4e0012345678' }, outcome, pods);
    expect(JobStatus.safeParse(view)).toMatchObject({ success: true });
    expect(describeObject('Job', { ...job }).message).not.toBe('');
    for (const pod of pods) {
      expect(describeObject('Pod', { ...pod }).message).not.toBe('');
      for (const { name } of pod.spec.containers) containerLife(pod, name);
    }
  }

  it('hides nothing of the Job, as in the status of a container whose node lost track of it', async () => {
    const lost = { exitCode: 137, reason: 'ContainerStatusUnknown', startedAt: null, finishedAt: null };
    const text = recorded.get('success-running.json') ?? '';
    const { job, pods, events } = JSON.parse(text);
    pods[0].status.containerStatuses[0].state = { waiting: null, running: null, terminated: lost };
    answer = JSON.stringify({ job, pods, events });
    const read = await cluster.api.get<Recorded>('/any');
    viewAll(read);
    const view = viewJob({ job, uid: 'uid', deploymentId: 'id' }, describeJob(job, read.pods), read.pods);
    expect(view.pods[0]?.containers[0]).toMatchObject({
      state: 'terminated',
      reason: 'ContainerStatusUnknown',
      started_at: null,
      finished_at: null,
    });
  });

  it('is no fault in any view, whichever field it is', async () => {
    const moments = [...recorded].map(([name, text]) => ({
      name,
      text,
      paths: optionalPaths(JSON.parse(text)),
    }));
    const moment = fc.constantFrom(...moments);
    const chosen = moment.chain(({ text, paths }) =>
      fc.record({
        text: fc.constant(text),
        path: fc.constantFrom(...paths),
        isNull: fc.boolean(),
      }),
    );
    await fc.assert(
      fc.asyncProperty(chosen, async ({ text, path, isNull }) => {
        answer = without(text, path, isNull);
        viewAll(await cluster.api.get<Recorded>('/any'));
      }),
      { numRuns: 1_000 },
    );
  });
});
