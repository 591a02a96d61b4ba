import type { Requirement } from '@cloudemy/k8s';

const needs: readonly Omit<Requirement, 'namespace'>[] = [
  ...['create', 'get', 'list', 'watch', 'delete'].map((verb) => ({ verb, group: 'batch', resource: 'jobs' })),
  ...['list', 'watch'].flatMap((verb) =>
    ['pods', 'events'].map((resource) => ({ verb, group: '', resource })),
  ),
  ...['get', 'create', 'update'].map((verb) => ({ verb, group: 'coordination.k8s.io', resource: 'leases' })),
];

/** Everything the scheduler must be allowed to do in its namespace. */
export function requirementsOf(namespace: string): Requirement[] {
  return needs.map((need) => ({ ...need, namespace }));
}
