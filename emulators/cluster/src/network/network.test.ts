import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { LocalCluster } from '../cluster.js';
import { startLocalCluster } from '../cluster.js';
import { asArray, asObject, asString, at } from '../json.js';

let folder: string;
let cluster: LocalCluster;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'network-'));
  cluster = await startLocalCluster({ folder });
});
afterAll(async () => {
  await cluster.close();
  await rm(folder, { recursive: true });
});

async function call(method: string, path: string, body?: object): Promise<unknown> {
  const answer = await fetch(cluster.url + path, {
    method,
    headers: {
      authorization: `Bearer ${cluster.token}`,
      'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const parsed: unknown = await answer.json();
  if (!answer.ok) {
    throw new Error(JSON.stringify(parsed));
  }
  return parsed;
}

/** Serves its pod's name at its pod's address until it is told to end, and then for a little longer. */
const server = `
  require('node:http').createServer((request, response) => response.end(process.env.HOSTNAME))
    .listen(8080, process.env.ADDRESS);
  process.on('SIGTERM', () => setTimeout(() => process.exit(0), 300));
`;
const web = '/apis/apps/v1/namespaces/default/deployments/web';

async function serviceAddress(): Promise<string> {
  const labels = { app: 'web' };
  await call('POST', '/apis/apps/v1/namespaces/default/deployments', {
    metadata: { name: 'web' },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: {
        metadata: { labels },
        spec: {
          containers: [
            {
              name: 'main',
              image: 'node',
              command: ['node', '-e', server],
              env: [{ name: 'ADDRESS', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }],
              ports: [{ name: 'http', containerPort: 8080 }],
              readinessProbe: { httpGet: { port: 'http' }, periodSeconds: 1 },
            },
          ],
        },
      },
    },
  });
  const service = await call('POST', '/api/v1/namespaces/default/services', {
    metadata: { name: 'web' },
    spec: { selector: labels, ports: [{ port: 80, targetPort: 'http' }] },
  });
  return asString(at(service, 'spec', 'clusterIP')) ?? '';
}

async function rolledOut(): Promise<void> {
  for (;;) {
    const stored = await call('GET', web);
    const status = asObject(at(stored, 'status'));
    const { observedGeneration, updatedReplicas, replicas, availableReplicas, terminatingReplicas } = status;
    const current = observedGeneration === at(stored, 'metadata', 'generation');
    const all = [updatedReplicas, replicas, availableReplicas].every((count) => count === 2);
    if (current && all && terminatingReplicas === 0) {
      return;
    }
    await sleep(50);
  }
}

const ask = async (url: string): Promise<string> => {
  const answer = await fetch(url, { headers: { connection: 'close' } });
  return answer.text();
};

const describeOnLinux = process.platform === 'linux' ? describe : describe.skip;

describeOnLinux('a Service', () => {
  test('shares requests out among its pods, of which each has the port to itself, and drops none in a rollout', async () => {
    const url = `http://${await serviceAddress()}`;
    await rolledOut();
    const names = new Set(await Promise.all([ask(url), ask(url), ask(url), ask(url)]));
    expect(names.size).toBe(2);
    const done = new AbortController();
    const template = { metadata: { annotations: { again: 'yes' } } };
    await call('PATCH', web, { spec: { template } });
    const rollout = rolledOut().then(() => done.abort());
    const answers = new Set<string>();
    while (!done.signal.aborted) {
      answers.add(await ask(url));
    }
    await rollout;
    expect(answers.size).toBeGreaterThanOrEqual(4);
    const { items } = asObject(await call('GET', '/api/v1/namespaces/default/pods'));
    const pods = asArray(items).map((pod) => at(pod, 'metadata', 'name'));
    expect([...answers]).toEqual(expect.arrayContaining(pods));
  }, 60_000);

  test('refuses connections when nobody stands behind it', async () => {
    const service = await call('POST', '/api/v1/namespaces/default/services', {
      metadata: { name: 'lonely' },
      spec: { selector: { app: 'nobody' }, ports: [{ port: 80 }] },
    });
    await expect(ask(`http://${asString(at(service, 'spec', 'clusterIP'))}`)).rejects.toMatchObject({
      cause: { code: 'ECONNREFUSED' },
    });
  });
});
