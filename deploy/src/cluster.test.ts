import { execFileSync } from 'node:child_process';
import type { UnknownObject } from '@cloudemy/k8s';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ClusterUnfit } from './cluster/preflight.js';
import { deploy, manifestsOf } from './deploy.js';
import { parseDeployOptions } from './options.js';
import { SecretMissing, internalSecret, redisSecrets } from './secrets/internal.js';
import { secretOf, valuesOf } from './secrets/secret.js';
import { runSmokeTest } from './smoke-test.js';
import { startEmbedded } from './testing/embedded.js';
import { findWorkload } from './testing/manifests.js';
import { undeploy } from './undeploy.js';
import { checkUpgrade } from './upgrade/upgrade-check.js';

let cluster: Awaited<ReturnType<typeof startEmbedded>>;
beforeAll(async () => {
  cluster = await startEmbedded();
});
afterAll(() => cluster.close());

const options = (...args: string[]) => parseDeployOptions(['--no-smoke-test', '--timeout', '120', ...args]);

async function deployed(...args: string[]): Promise<string[]> {
  const lines: string[] = [];
  const given = options(...args);
  await deploy(cluster.objects, await manifestsOf(given), given, (line) => lines.push(line));
  return lines;
}

const secretIn = (namespace: string, name: string): UnknownObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { namespace, name },
});

/** Pods find their service account only where they have a view of their own. */
function podsHaveViews(): boolean {
  try {
    execFileSync('unshare', ['--mount', '--pid', '--fork', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const describeWithViews = podsHaveViews() ? describe : describe.skip;

test('without a default StorageClass it says so, with the choices, before anything is changed', async () => {
  const standard = {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: 'cloudemy.local/folder',
  };
  await cluster.objects.delete(standard);
  const given = options();
  const run = deploy(cluster.objects, await manifestsOf(given), given, () => {});
  await expect(run).rejects.toThrow(ClusterUnfit);
  await expect(run).rejects.toThrow(/--storage-class none/);
  await cluster.objects.apply(standard);
});

test('without a key of the LLM it says how to give one', async () => {
  await expect(deployed()).rejects.toThrow(SecretMissing);
  await expect(deployed('--secrets', 'external')).rejects.toThrow('cloudemy/cloudemy-internal');
});

const internalValues = async () =>
  valuesOf(await cluster.objects.read(secretIn('cloudemy', 'cloudemy-internal')));

describeWithViews('with pods that find their service account', () => {
  test('services get ready under their own accounts, a submission is graded and a terminal opened', async () => {
    const lines = await deployed('--llm-emulator', '--overlay', 'production');
    expect(lines).toContainEqual(expect.stringContaining('ready: Deployment cloudemy/backend-deploy'));
    const said: string[] = [];
    const image = findWorkload(await manifestsOf(options()), 'backend-deploy').spec.template.spec
      .containers[0]?.image;
    await runSmokeTest(cluster.objects, image ?? '', (line) => said.push(line));
    expect(said.slice(0, 2)).toEqual(['page served: /sign-in', 'signed in as operator@cloudemy.local']);
    expect(said).toContain('submission running');
    expect(said).toContainEqual(expect.stringMatching(/^graded: \d/));
    expect(said.at(-1)).toBe('all is well');
  }, 120_000);

  test('deployed again, secrets and the key of the LLM stay, and no pod is replaced', async () => {
    const before = await internalValues();
    const generation = async () => {
      const workload = findWorkload(await manifestsOf(options()), 'scheduler');
      return (await cluster.objects.read(workload))?.metadata.generation;
    };
    const first = await generation();
    const lines = await deployed('--llm-emulator', '--overlay', 'production');
    expect(lines).toContainEqual(expect.stringMatching(/^Applied \d+ objects, 0 of them new/));
    expect(await internalValues()).toEqual(before);
    expect(await generation()).toBe(first);
  }, 120_000);

  test('with every pod replaced while submissions are handed in, each of them is graded', async () => {
    const manifests = await manifestsOf(options('--llm-emulator', '--overlay', 'production'));
    const lines: string[] = [];
    const pace = { timeoutMs: 200_000, intervalMs: 2_000 };
    await checkUpgrade(cluster.objects, manifests, pace, (line) => lines.push(line));
    for (const name of ['backend-deploy', 'deployer', 'frontend', 'scheduler', 'mongo', 'redis']) {
      expect(lines).toContainEqual(expect.stringMatching(new RegExp(`ready again: \\w+ cloudemy/${name}$`)));
    }
    const [, graded, handedIn] = /graded: (\d+) of (\d+)/.exec(lines.at(-1) ?? '') ?? [];
    expect(Number(graded)).toBeGreaterThan(1);
    expect(graded).toBe(handedIn);
  }, 240_000);

  test('what tried it out left no Job and no ConfigMap', async () => {
    const left = async (group: string, resource: string) =>
      cluster.objects.list({ group, version: 'v1', resource }, 'cloudemy', 'app=smoke-test');
    expect(await left('batch', 'jobs')).toEqual([]);
    expect(await left('', 'configmaps')).toEqual([]);
  });

  test('undeployed, the data stay until they are to go too; then nothing is left, and once more is no error', async () => {
    const lines: string[] = [];
    const gone = { overlay: 'production', deleteData: false, timeoutMs: 100_000 };
    await undeploy(cluster.objects, gone, (line) => lines.push(line));
    expect(lines.at(-2)).toMatch(
      /Kept in namespace cloudemy: the volumes data-mongo-0, data-redis-0; the secrets cloudemy-internal, cloudemy-redis-users\./,
    );
    expect(await cluster.objects.read(secretIn('cloudemy', 'cloudemy-internal'))).toBeDefined();
    await undeploy(cluster.objects, { ...gone, deleteData: true }, (line) => lines.push(line));
    expect(lines.at(-1)).toBe('Cloudemy is removed.');
    for (const name of ['cloudemy', 'cloudemy-runners', 'cloudemy-benchmarks']) {
      const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
      expect(await cluster.objects.read(namespace)).toBeUndefined();
    }
    await undeploy(cluster.objects, gone, () => {});
  }, 120_000);
});

test('an installation from before the stores had accounts keeps its secrets and gets the passwords it lacks', async () => {
  await cluster.objects.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'cloudemy' } });
  const old = {
    'service-token': 'a',
    'result-token-secret': 'b',
    'auth-secret': 'c',
    'admin-password': 'd',
  };
  await cluster.objects.apply(secretOf('cloudemy', 'cloudemy-internal', old));
  const internal = await internalSecret(cluster.objects, 'generate');
  expect(valuesOf(internal)).toMatchObject({
    ...old,
    'mongo-password': expect.stringMatching(/^.{43}$/),
    'redis-runner-password': expect.stringMatching(/^.{43}$/),
  });
  const [users, runner] = redisSecrets(internal);
  const { url } = valuesOf(runner);
  expect(new URL(url ?? '').password).toBe(valuesOf(internal)['redis-runner-password']);
  expect(valuesOf(users)['users.acl']).not.toContain(valuesOf(internal)['redis-runner-password']);
});

test('rotated, the secrets are new and the former signing secret is still accepted', async () => {
  await cluster.objects.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'cloudemy' } });
  await cluster.objects.apply(await internalSecret(cluster.objects, 'generate'));
  const before = await internalValues();
  const rotated = valuesOf(await internalSecret(cluster.objects, 'rotate'));
  for (const key of ['result-token-secret', 'service-token', 'auth-secret']) {
    expect(rotated[`${key}-previous`]).toBe(before[key]);
    expect(Object.values(before)).not.toContain(rotated[key]);
  }
});
