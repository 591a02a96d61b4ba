import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectCluster } from '@cloudemy/k8s';
import { startLocalCluster } from '@cloudemy/emulator-cluster';
import { defaultCacheFolder, findRedisServer, podImages } from '@cloudemy/emulator-stack';
import { ClusterObjects } from '../cluster/cluster-objects.js';

/** The embedded cluster, in which the images of the manifests are the programs of this checkout and of this machine. */
export async function startEmbedded() {
  const folder = await mkdtemp(join(tmpdir(), 'cloudemy-deploy-'));
  const cacheFolder = defaultCacheFolder();
  await mkdir(cacheFolder, { recursive: true });
  await findRedisServer(cacheFolder);
  const cluster = await startLocalCluster({
    folder: join(folder, 'cluster'),
    images: podImages(cacheFolder),
  });
  const connection = connectCluster({ kubeconfig: cluster.kubeconfigPath });
  return {
    kubeconfig: cluster.kubeconfigPath,
    api: connection.api,
    objects: new ClusterObjects(connection.api),
    close: async () => {
      await connection.close();
      await cluster.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
