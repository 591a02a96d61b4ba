import { type Cluster, connectCluster } from '@cloudemy/k8s';
import {
  type Installation,
  applyLlmSecret,
  startClusterEmulator,
  writeImagesFile,
} from '@cloudemy/emulator-stack';
import { redirectKubeconfig } from './kubeconfig.js';
import { type Launch, routed } from './store-parts.js';
import type { Site } from './world.js';

/**
 * The embedded cluster. It keeps nothing: when it ends, all Jobs and pods are gone, which is more than a real
 * one does. What an installation has put there is put there again.
 */
export const clusterPart =
  ({ folders, links, kubeconfig, ownKubeconfigs, namespace, instance }: Site): Launch =>
  async () => {
    const part = await startClusterEmulator(folders, await writeImagesFile(folders.data, folders.cache));
    const direct = connectCluster({ kubeconfig: part.kubeconfig });
    try {
      await secretKept(direct, { namespace, instance });
    } finally {
      await direct.close();
    }
    await redirectKubeconfig(part.kubeconfig, kubeconfig, links.cluster.port);
    for (const [path, port] of ownKubeconfigs) await redirectKubeconfig(part.kubeconfig, path, port);
    return routed(links.cluster, 'cluster', part);
  };

/** Puts the model's key where the Jobs look for it. */
export const secretKept = ({ api }: Cluster, installation: Installation): Promise<void> =>
  applyLlmSecret(api, installation, 'emulator');
