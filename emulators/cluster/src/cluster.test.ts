import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type LocalCluster, startLocalCluster } from './cluster.js';

let folder: string;
const clusters: LocalCluster[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cluster-'));
});
afterEach(async () => {
  for (const cluster of clusters.splice(0)) await cluster.close();
  await rm(folder, { recursive: true });
});

async function start(): Promise<LocalCluster> {
  const cluster = await startLocalCluster({ folder });
  clusters.push(cluster);
  return cluster;
}

function request({ url, token }: LocalCluster, path: string, body?: object): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  return fetch(`${url}/api/v1/namespaces/default/pods${path}`, { headers, ...init });
}

async function logOf(cluster: LocalCluster): Promise<string> {
  for (;;) {
    const answer = await request(cluster, '/speaker/log');
    const text = await answer.text();
    if (answer.ok && text !== '') return text;
    await sleep(20);
  }
}

test('cleaning up after a cluster leaves alone the pods of the one that took its place in the folder', async () => {
  const former = await start();
  const successor = await start();
  const command = ['sh', '-c', 'echo still here; sleep 1000 & wait'];
  await request(successor, '', {
    metadata: { name: 'speaker' },
    spec: { containers: [{ name: 'main', image: 'busybox', command }], terminationGracePeriodSeconds: 0 },
  });
  expect(await logOf(successor)).toBe('still here\n');
  await former.close();
  expect(await logOf(successor)).toBe('still here\n');
});
