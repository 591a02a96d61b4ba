import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type UnknownObject, connectCluster } from '@cloudemy/k8s';
import { type ImageEntry, startLocalCluster } from '@cloudemy/local-cluster';
import { startLocalLlm } from '@cloudemy/local-llm';
import { freePort, repositoryFolder, startMongoStandIn } from '@cloudemy/local-stack';
import { startRedis } from '@cloudemy/local-stack/redis';
import { ClusterObjects } from '../cluster/cluster-objects.js';
import { isConfigMap, isWorkload } from '../manifests/objects.js';

/** Where pods find this checkout: wherever it lies, it may be where pods have folders of their own. */
const repositoryInPods = '/repository';
/** Where pods find the kubeconfig that is made for them. */
const filesInPods = '/embedded';

/** The embedded cluster with the apps of this checkout as its images, and the stores beside it. */
export async function startEmbedded() {
  const folder = await mkdtemp(join(tmpdir(), 'cloudemy-deploy-'));
  const forPods = join(folder, 'for-pods');
  await mkdir(forPods);
  const app = (name: string, file: string): ImageEntry => ({
    pattern: `cloudemy/${name}:*`,
    image: {
      entrypoint: ['node', `${repositoryInPods}/apps/${name}/dist/${file}`],
      files: { [repositoryInPods]: repositoryFolder, [filesInPods]: forPods },
    },
  });
  const cluster = await startLocalCluster({
    folder: join(folder, 'cluster'),
    images: [
      app('backend', 'main.js'),
      app('scheduler', 'main.js'),
      app('deployer', 'main.js'),
      app('runner', 'runner.js'),
    ],
  });
  const llmKey = join(folder, 'llm-key');
  await writeFile(llmKey, 'any\n');
  await writeFile(join(forPods, 'kubeconfig'), kubeconfigOfPods(cluster.url));
  const connection = connectCluster({ kubeconfig: cluster.kubeconfigPath });
  const mongo = await startMongoStandIn({ data: folder, logs: folder, cache: folder }, false);
  const redis = await startRedis();
  const llm = await startLocalLlm();
  const ports = { backend: await freePort(), scheduler: await freePort(), deployer: await freePort() };
  return {
    kubeconfig: cluster.kubeconfigPath,
    llmKey,
    objects: new ClusterObjects(connection.api),
    urls: {
      backend: `http://127.0.0.1:${ports.backend}`,
      deployer: `http://127.0.0.1:${ports.deployer}`,
    },
    adapt: (manifests: readonly UnknownObject[]) =>
      adapt(manifests, ports, { mongo: mongo.url, redis: redis.url, llm: llm.url }),
    close: async () => {
      await connection.close();
      await cluster.close();
      await llm.close();
      await redis.close();
      await mongo.close?.();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** As inside any pod, but for TLS, which this cluster has not: the account's token, read from its file. */
const kubeconfigOfPods = (server: string): string =>
  JSON.stringify({
    'current-context': 'pod',
    clusters: [{ name: 'embedded', cluster: { server } }],
    users: [{ name: 'account', user: { tokenFile: '/var/run/secrets/kubernetes.io/serviceaccount/token' } }],
    contexts: [{ name: 'pod', context: { cluster: 'embedded', user: 'account' } }],
  });

type Ports = Record<'backend' | 'scheduler' | 'deployer', number>;

/**
 * Pods of the embedded cluster share this machine's network, where names of Services lead nowhere, and nothing acts
 * on StatefulSets: addresses become those of this machine, and the stores are those beside the cluster.
 */
function adapt(
  manifests: readonly UnknownObject[],
  ports: Ports,
  outside: { mongo: string; redis: string; llm: string },
): UnknownObject[] {
  const internal = `http://127.0.0.1:${ports.backend}/internal`;
  const settings: Record<string, Record<string, string>> = {
    backend: { PORT: String(ports.backend), MONGO_URI: outside.mongo, REDIS_URL: outside.redis },
    scheduler: {
      PORT: String(ports.scheduler),
      KUBECONFIG: `${filesInPods}/kubeconfig`,
      REDIS_URL: outside.redis,
      RUNNER_REDIS_URL: outside.redis,
      BACKEND_INTERNAL_URL: internal,
      RUNNER_BACKEND_INTERNAL_URL: internal,
      LLM_BASE_URL: outside.llm,
    },
    deployer: {
      PORT: String(ports.deployer),
      AUTH_BACKEND_URL: `http://127.0.0.1:${ports.backend}`,
      KUBECONFIG: `${filesInPods}/kubeconfig`,
      MONGO_URL: outside.mongo,
      REDIS_URL: outside.redis,
    },
  };
  const portOf = new Map(Object.entries(ports));
  return manifests
    .filter(({ kind }) => kind !== 'StatefulSet')
    .map((object) => {
      const name = object.metadata.name ?? '';
      if (isConfigMap(object)) return { ...object, data: { ...object.data, ...settings[name] } };
      if (!isWorkload(object)) return object;
      const { template } = object.spec;
      const containers = template.spec.containers.map((container) => ({
        ...container,
        ports: [{ name: 'http', containerPort: portOf.get(container.name) }],
      }));
      return {
        ...object,
        // Two of a kind cannot listen on one port here.
        spec: {
          ...object.spec,
          replicas: 1,
          template: { ...template, spec: { ...template.spec, containers } },
        },
      };
    });
}
