import type { UnknownObject } from '@cloudemy/k8s';

/** What others refer to comes first; what is not named here, last. */
const kinds = [
  'Namespace',
  'PriorityClass',
  'ResourceQuota',
  'LimitRange',
  'ServiceAccount',
  'ClusterRole',
  'Role',
  'RoleBinding',
  'NetworkPolicy',
  'ConfigMap',
  'Secret',
  'Service',
  'StatefulSet',
  'Deployment',
];

/** The objects in the order in which they are applied; removed, it is the reverse. */
export function inOrder(objects: readonly UnknownObject[]): UnknownObject[] {
  const rank = ({ kind = '' }: UnknownObject): number =>
    kinds.includes(kind) ? kinds.indexOf(kind) : kinds.length;
  return objects.toSorted((one, other) => rank(one) - rank(other));
}
