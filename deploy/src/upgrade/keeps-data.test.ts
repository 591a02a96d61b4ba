import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectCluster } from '@cloudemy/k8s';
import { startLocalCluster } from '@cloudemy/emulator-cluster';
import { expect, test } from '@jest/globals';
import { ClusterObjects } from '../cluster/cluster-objects.js';
import { manifestsOf } from '../deploy.js';
import { parseDeployOptions } from '../options.js';
import { findWorkload } from '../testing/manifests.js';
import { WouldLoseData } from './keeps-data.js';
import { checkUpgrade } from './upgrade-check.js';

test('an upgrade check of stores that keep their data in their pods is refused before anything is restarted', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cloudemy-upgrade-'));
  const local = await startLocalCluster({ folder });
  const cluster = connectCluster({ kubeconfig: local.kubeconfigPath });
  try {
    const objects = new ClusterObjects(cluster.api);
    await objects.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'cloudemy' } });
    const redis = findWorkload(await manifestsOf(parseDeployOptions(['--storage-class', 'none'])), 'redis');
    await objects.apply(redis);
    const generation = async () => (await objects.read(redis))?.metadata.generation;
    const before = await generation();
    const check = checkUpgrade(
      objects,
      await manifestsOf(parseDeployOptions([])),
      { timeoutMs: 1 },
      () => {},
    );
    await expect(check).rejects.toThrow(WouldLoseData);
    await expect(check).rejects.toThrow(/StatefulSet cloudemy\/redis would lose all data.*--keep-stores/);
    expect(await generation()).toBe(before);
  } finally {
    await cluster.close();
    await local.close();
    await rm(folder, { recursive: true, force: true });
  }
}, 60_000);
