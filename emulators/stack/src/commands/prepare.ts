import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jobLabels, redisUserFile } from '@cloudemy/contracts';
import { type KubeApi, SECRETS, connectCluster, resourcePath } from '@cloudemy/k8s';
import { errorCode } from '../processes/error-code.js';
import { networkPolicies } from './network-policies.js';

/**
 * What docker-compose.yml needs before its services start: secrets, made once and kept in SECRETS_FOLDER/all, a copy for
 * each service of those that it needs and no others, the namespaces, and in that of the runners the model's key, from
 * LLM_API_KEY, and the URL of Redis for runners; in a cluster of the stack's own network policies too.
 */
const {
  KUBECONFIG = '',
  SECRETS_FOLDER = '',
  K8S_NAMESPACE = 'cloudemy-runners',
  DEPLOYER_NAMESPACES = '',
  LLM_API_KEY = '',
  RUNNER_REDIS_URL = '',
  MONGO_URI = '',
  REDIS_URL = '',
  RUNNER_BACKEND_INTERNAL_URL = '',
  LLM_BASE_URL = '',
  /** Where the network policies of deploy/ are. */
  NETWORK_POLICIES = '',
  /** A cluster of somebody's own, which keeps the policies that it has. */
  OWN_KUBECONFIG = '',
} = process.env;

/** Who reads which secret, as a file of that name. */
const readers = {
  backend: [
    'service-token',
    'result-token-secret',
    'record-key-secret',
    'receipt-key-secret',
    'auth-secret',
    'admin-password',
    'redis-password',
    'mongo-password',
  ],
  scheduler: ['service-token', 'redis-password'],
  deployer: ['redis-deployer-password', 'mongo-password', 'service-token'],
  mongo: ['mongo-root-password', 'mongo-password'],
} as const;
const all = new Set([...Object.values(readers).flat(), 'redis-runner-password']);

/** Stores of one's own have accounts of their own, in their URLs: then these passwords are for nothing. */
const unused = new Set([
  ...(MONGO_URI === '' ? [] : ['mongo-password']),
  ...(REDIS_URL === '' ? [] : ['redis-password', 'redis-deployer-password']),
]);

const benchmarkNamespaces = DEPLOYER_NAMESPACES.split(',').filter(
  (name) => name !== '' && name !== K8S_NAMESPACE,
);

const networkPolicyKind = { group: 'networking.k8s.io', version: 'v1', resource: 'networkpolicies' };
const compose = { fieldManager: 'cloudemy-compose', force: true };

const secrets = new Map<string, string>();
for (const name of all) secrets.set(name, await madeOnce(name));
for (const [service, names] of Object.entries(readers)) {
  for (const name of names) await hand(service, name, unused.has(name) ? '' : secretOf(name));
}
await hand('redis', 'users.acl', users());
await prepareCluster();

async function madeOnce(name: string): Promise<string> {
  const folder = join(SECRETS_FOLDER, 'all');
  await mkdir(folder, { recursive: true });
  const secret = randomBytes(32).toString('hex');
  await writeFile(join(folder, name), secret, { flag: 'wx', mode: 0o400 }).catch((error: unknown) => {
    // Made by an earlier start.
    if (errorCode(error) !== 'EEXIST') throw error;
  });
  return readFile(join(folder, name), 'utf8');
}

/**
 * Readable for all users of the volume: it is mounted into the containers of one service alone. Replaced, as what nobody
 * may write cannot be written over at the next start either.
 */
async function hand(service: string, name: string, value: string): Promise<void> {
  const file = join(SECRETS_FOLDER, service, name);
  await rm(`${file}.new`, { force: true });
  await writeFile(`${file}.new`, value, { mode: 0o444, flush: true });
  await rename(`${file}.new`, file);
}

function secretOf(name: string): string {
  return secrets.get(name) ?? '';
}

function users(): string {
  const digest = (name: string) => [createHash('sha256').update(secretOf(name)).digest('hex')];
  return redisUserFile({
    services: digest('redis-password'),
    deployer: digest('redis-deployer-password'),
    runner: digest('redis-runner-password'),
  });
}

async function prepareCluster(): Promise<void> {
  const cluster = connectCluster({ kubeconfig: KUBECONFIG });
  try {
    for (const namespace of [K8S_NAMESPACE, ...benchmarkNamespaces]) {
      await applyNamespace(cluster.api, namespace);
    }
    if (OWN_KUBECONFIG === '') await applyPolicies(cluster.api);
    // As the scheduler's defaults have it.
    await applySecret(cluster.api, 'cloudemy-llm', { 'api-key': LLM_API_KEY });
    await applySecret(cluster.api, 'cloudemy-runner-redis', { url: runnerRedisUrl() });
  } finally {
    await cluster.close();
  }
}

/** A URL that names a user itself is somebody's own Redis. */
function runnerRedisUrl(): string {
  if (/^[^:]+:\/\/[^/?#]*@/.test(RUNNER_REDIS_URL) || REDIS_URL !== '') return RUNNER_REDIS_URL;
  return RUNNER_REDIS_URL.replace('://', `://runner:${secretOf('redis-runner-password')}@`);
}

async function applyNamespace(api: KubeApi, name: string): Promise<void> {
  const namespaces = { group: '', version: 'v1', resource: 'namespaces' };
  await api.apply(
    resourcePath(namespaces, { name }),
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
    compose,
  );
}

async function applyPolicies(api: KubeApi): Promise<void> {
  const read = (name: string): Promise<string> => readFile(join(NETWORK_POLICIES, name), 'utf8');
  const policies = networkPolicies(
    { runners: await read('runners.yaml'), benchmarks: await read('benchmarks.yaml') },
    { runners: K8S_NAMESPACE, benchmarks: benchmarkNamespaces },
    [RUNNER_BACKEND_INTERNAL_URL, RUNNER_REDIS_URL, LLM_BASE_URL].filter((url) => url !== ''),
  );
  for (const policy of policies) {
    const { namespace, name } = policy.metadata;
    await api.apply(resourcePath(networkPolicyKind, { namespace, name }), policy, compose);
  }
}

async function applySecret(api: KubeApi, name: string, stringData: Record<string, string>): Promise<void> {
  const labels = { [jobLabels.component]: jobLabels.componentValue };
  const metadata = { name, namespace: K8S_NAMESPACE, labels };
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata, stringData };
  await api.apply(resourcePath(SECRETS, { namespace: K8S_NAMESPACE, name }), secret, compose);
}
