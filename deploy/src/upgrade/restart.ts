import { type UnknownObject, resourcePath } from '@cloudemy/k8s';
import type { ClusterObjects } from '../cluster/cluster-objects.js';
import type { Workload } from '../manifests/objects.js';

const resources = {
  Deployment: { group: 'apps', version: 'v1', resource: 'deployments' },
  StatefulSet: { group: 'apps', version: 'v1', resource: 'statefulsets' },
};

/** Has a workload replace its pods, as `kubectl rollout restart` does. */
export async function restart({ api }: ClusterObjects, { kind, metadata }: Workload): Promise<void> {
  const { namespace, name } = metadata;
  const annotations = { 'kubectl.kubernetes.io/restartedAt': new Date().toISOString() };
  await api.patch<UnknownObject>(
    resourcePath(resources[kind], { namespace, name }),
    { spec: { template: { metadata: { annotations } } } },
    'application/merge-patch+json',
  );
}
