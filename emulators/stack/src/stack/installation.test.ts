import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jobLabels } from '@cloudemy/contracts';
import { type Cluster, JOBS, LEASES, PODS, SECRETS, connectCluster, resourcePath } from '@cloudemy/k8s';
import { type LocalCluster, startLocalCluster } from '@cloudemy/emulator-cluster';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { applyLlmSecret, findInstallations, removeInstallation } from './installation.js';

const namespace = 'default';
let folder: string;
let local: LocalCluster;
let cluster: Cluster;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'installation-'));
  local = await startLocalCluster({ folder, isolation: 'plain' });
  cluster = connectCluster({ kubeconfig: local.kubeconfigPath });
});
afterAll(async () => {
  await cluster.close();
  await local.close();
  await rm(folder, { recursive: true });
});

/** What a stack makes in a cluster: its Secret, a Job of its scheduler, and the scheduler's Lease. */
async function install(instance: string): Promise<void> {
  await applyLlmSecret(cluster.api, { namespace, instance }, 'a key');
  const labels = { [jobLabels.managedBy]: jobLabels.managedByValue, [jobLabels.instance]: instance };
  const container = { name: 'runner', image: 'busybox', command: ['sh', '-c', 'sleep 3600'] };
  const pod = { restartPolicy: 'Never', terminationGracePeriodSeconds: 1, containers: [container] };
  await cluster.api.create(resourcePath(JOBS, { namespace }), {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: `runner-of-${instance}`, labels },
    spec: { template: { metadata: { labels }, spec: pod } },
  });
  await cluster.api.create(resourcePath(LEASES, { namespace }), {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: `${instance}-scheduler` },
    spec: {},
  });
}

async function namesOf(instance: string): Promise<string[]> {
  const lists = await Promise.all(
    [SECRETS, JOBS, PODS, LEASES].map((kind) => cluster.api.listAll(resourcePath(kind, { namespace }))),
  );
  return lists.flatMap(({ items }) =>
    items.flatMap(({ metadata: { name = '' } }) => (name.includes(instance) ? [name] : [])),
  );
}

test('an installation goes with all it made, another in the namespace keeps everything', async () => {
  await install('mine');
  await install('theirs');
  await removeInstallation(cluster.api, { namespace, instance: 'mine' });
  expect(await namesOf('mine')).toEqual([]);
  expect(await namesOf('theirs')).toEqual(
    expect.arrayContaining(['theirs-llm', 'runner-of-theirs', 'theirs-scheduler']),
  );
  // Once more, with nothing left.
  await removeInstallation(cluster.api, { namespace, instance: 'mine' });
});

test('only old installations of the prefix are taken for abandoned', async () => {
  await install('suite-1');
  const find = (prefix: string, before: Date) =>
    findInstallations(cluster.api, namespace, { prefix, before });
  const later = new Date(Date.now() + 60_000);
  expect(await find('suite-', later)).toEqual([{ namespace, instance: 'suite-1' }]);
  expect(await find('suite-', new Date(Date.now() - 3_600_000))).toEqual([]);
  expect(await find('other-', later)).toEqual([]);
});
