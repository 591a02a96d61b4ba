import type { UnknownObject } from '@cloudemy/k8s';
import type { ClusterObjects } from '../cluster/cluster-objects.js';
import { describeObject } from '../manifests/objects.js';

/** What earlier versions made under names that no manifest has any more: until 0.1.0 the emulator of a model. */
export const formerObjects: readonly UnknownObject[] = [
  { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'cloudemy' },
  { apiVersion: 'v1', kind: 'Service', namespace: 'cloudemy' },
  { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', namespace: 'cloudemy' },
  { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', namespace: 'cloudemy-runners' },
].map(({ apiVersion, kind, namespace }) => ({
  apiVersion,
  kind,
  metadata: { name: 'llm-stand-in', namespace },
}));

/** Removes what an upgrade left behind: nothing uses it once all that took its place is ready. */
export async function removeFormer(objects: ClusterObjects, say: (line: string) => void): Promise<void> {
  for (const object of formerObjects) {
    if (await objects.delete(object)) say(`Removed ${describeObject(object)}: it has another name now.`);
  }
}
