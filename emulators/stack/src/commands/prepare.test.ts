import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type ResourceType, SECRETS, connectCluster, resourcePath } from '@cloudemy/k8s';
import { type LocalCluster, startLocalCluster } from '@cloudemy/emulator-cluster';
import { repositoryFolder } from '../folders.js';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

const hooks = join(import.meta.dirname, '../../../../scripts/jest/hooks.mjs');
const services = ['backend', 'scheduler', 'deployer', 'redis', 'mongo'];
let folder: string;
let local: LocalCluster;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'prepare-'));
  for (const service of services) await mkdir(join(folder, service));
  local = await startLocalCluster({ folder: join(folder, 'cluster'), isolation: 'plain' });
});
afterAll(async () => {
  await local.close();
  await rm(folder, { recursive: true });
});

/** As docker-compose.yml does: a process of its own, at every start. */
async function prepare(): Promise<void> {
  const env = {
    PATH: process.env['PATH'],
    KUBECONFIG: local.kubeconfigPath,
    SECRETS_FOLDER: folder,
    RUNNER_REDIS_URL: 'redis://10.208.82.11:6379',
    LLM_API_KEY: 'a key',
    NETWORK_POLICIES: join(repositoryFolder, 'deploy/base/network'),
  };
  await promisify(execFile)(process.execPath, ['--import', hooks, join(import.meta.dirname, 'prepare.ts')], {
    env,
  });
}

async function handed(): Promise<Record<string, string>> {
  const files = await Promise.all(
    services.map(async (service) =>
      (await readdir(join(folder, service))).map((name) => join(service, name)),
    ),
  );
  const contents = files.flat().map(async (file) => [file, await readFile(join(folder, file), 'utf8')]);
  return Object.fromEntries(await Promise.all(contents));
}

test('each service is given its secrets, the cluster what runners need, and a second start keeps them', async () => {
  await prepare();
  const first = await handed();
  expect(Object.keys(first).toSorted()).toEqual([
    'backend/admin-password',
    'backend/auth-secret',
    'backend/mongo-password',
    'backend/receipt-key-secret',
    'backend/record-key-secret',
    'backend/redis-password',
    'backend/result-token-secret',
    'backend/service-token',
    'deployer/mongo-password',
    'deployer/redis-deployer-password',
    'deployer/service-token',
    'mongo/mongo-password',
    'mongo/mongo-root-password',
    'redis/users.acl',
    'scheduler/redis-password',
    'scheduler/service-token',
  ]);
  const cluster = connectCluster({ kubeconfig: local.kubeconfigPath });
  try {
    const namesOf = async (resource: ResourceType): Promise<string[]> => {
      const { items } = await cluster.api.listAll(resourcePath(resource, { namespace: 'cloudemy-runners' }));
      return items.map(({ metadata }) => metadata.name ?? '').toSorted();
    };
    expect(await namesOf(SECRETS)).toEqual(['cloudemy-llm', 'cloudemy-runner-redis']);
    const policies = { group: 'networking.k8s.io', version: 'v1', resource: 'networkpolicies' };
    expect(await namesOf(policies)).toEqual(['default-deny', 'dns', 'runner', 'services']);
  } finally {
    await cluster.close();
  }

  await prepare();
  expect(await handed()).toEqual(first);
});
