import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocalCluster } from '@cloudemy/emulator-cluster';
import { type Cluster, connectCluster } from '../cluster/connect-cluster.js';

export interface TestCluster extends Cluster {
  kubeconfig: string;
}

/** An embedded cluster in a folder of its own, connected to by its kubeconfig. */
export async function startTestCluster(): Promise<TestCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'k8s-cluster-'));
  const local = await startLocalCluster({ folder });
  const cluster = connectCluster({ kubeconfig: local.kubeconfigPath });
  return {
    ...cluster,
    kubeconfig: local.kubeconfigPath,
    async close() {
      await cluster.close();
      await local.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
