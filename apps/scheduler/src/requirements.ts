import type { Requirement } from '@cloudemy/k8s';

const needs: readonly Omit<Requirement, 'namespace'>[] = [
  ...['create', 'get', 'list', 'watch', 'delete'].map((verb) => ({ verb, group: 'batch', resource: 'jobs' })),
  ...['list', 'watch'].flatMap((verb) =>
    ['pods', 'events'].map((resource) => ({ verb, group: '', resource })),
  ),
];
const leases = { group: 'coordination.k8s.io', resource: 'leases' };

/** The Lease that the replicas of an installation's scheduler share. */
export const leaseNameOf = (instance: string): string => `${instance}-scheduler`;

/** Everything the scheduler must be allowed to do in its namespace. What is created has no name yet, to Kubernetes. */
export function requirementsOf(namespace: string, instance: string): Requirement[] {
  const name = leaseNameOf(instance);
  return [
    ...needs,
    { verb: 'create', ...leases },
    ...['get', 'update'].map((verb) => ({ verb, ...leases, name })),
  ].map((need) => ({ ...need, namespace }));
}
