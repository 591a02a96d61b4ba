import type { ClusterObjects } from '../cluster/cluster-objects.js';
import { type Workload, describeObject } from '../manifests/objects.js';
import { isLive } from '../readiness/workload-state.js';

/** A restart of the pods would take data away that nobody else has; the message says what to do instead. */
export class WouldLoseData extends Error {
  override readonly name = 'WouldLoseData';
}

/**
 * Whether all stores, as they are in the cluster, keep their data when their pods are replaced. How they were deployed
 * decides, not how this command was called.
 *
 * @throws WouldLoseData naming those that do not
 */
export async function checkKeepsData(objects: ClusterObjects, workloads: readonly Workload[]): Promise<void> {
  const losing: string[] = [];
  for (const workload of workloads.filter(({ kind }) => kind === 'StatefulSet')) {
    const live = await objects.read(workload);
    if (live === undefined || !isLive(live)) continue;
    if ((live.spec.volumeClaimTemplates ?? []).length === 0) losing.push(describeObject(workload));
  }
  if (losing.length === 0) return;
  throw new WouldLoseData(
    `${losing.join(' and ')} would lose all data: it was deployed with --storage-class none, and this check replaces ` +
      'every pod. Nothing was touched. Deploy with storage, or pass --keep-stores to leave them as they are.',
  );
}
