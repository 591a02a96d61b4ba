// The rights in the manifests are those the services ask the cluster for at their start: none missing, none more.
import { DEFAULT_POLICY, type Requirement, type UnknownObject } from '@cloudemy/k8s';
import { requirementsOf as deployerNeeds } from '@cloudemy/deployer/requirements';
import { requirementsOf as schedulerNeeds } from '@cloudemy/scheduler/requirements';
import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { find, findConfigMap } from '../testing/manifests.js';
import { readObjects } from './read.js';
import { overlays, renderedFile } from './render.js';

const Role = z.object({
  rules: z.array(
    z.object({
      apiGroups: z.array(z.string()),
      resources: z.array(z.string()),
      resourceNames: z.array(z.string()).default(['any']),
      verbs: z.array(z.string()),
    }),
  ),
});

function granted(role: UnknownObject): string[] {
  return Role.parse(role)
    .rules.flatMap(({ apiGroups, resources, resourceNames, verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) =>
          resourceNames.flatMap((name) => verbs.map((verb) => `${verb} ${resource}.${group} ${name}`)),
        ),
      ),
    )
    .toSorted();
}

const asked = (requirements: Requirement[]): string[] =>
  requirements
    .map(({ verb, resource, group, name = 'any' }) => `${verb} ${resource}.${group} ${name}`)
    .toSorted();

const all = await Promise.all(
  overlays.map(async (overlay) => [overlay, await readObjects(renderedFile(overlay))] as const),
);

test.each(all)('%s: the scheduler has what it asks for, in the namespace of the runners', (_, objects) => {
  const namespace = findConfigMap(objects, 'scheduler').data['K8S_NAMESPACE'] ?? '';
  expect(granted(find(objects, 'Role', 'scheduler', namespace))).toEqual(
    asked(schedulerNeeds(namespace, 'cloudemy')),
  );
  expect(find(objects, 'RoleBinding', 'scheduler', namespace)).toMatchObject({
    roleRef: { kind: 'Role', name: 'scheduler' },
    subjects: [{ kind: 'ServiceAccount', name: 'scheduler', namespace: 'cloudemy' }],
  });
});

test.each(all)('%s: the deployer has what it asks for, in its namespaces and no other', (_, objects) => {
  const needs = asked(deployerNeeds(DEFAULT_POLICY, 'any'));
  expect(granted(find(objects, 'ClusterRole', 'cloudemy-deployer'))).toEqual(needs);
  const served = findConfigMap(objects, 'deployer').data['DEPLOYER_NAMESPACES']?.split(',');
  const bindings = objects.filter(
    ({ kind, metadata }) => kind === 'RoleBinding' && metadata.name === 'cloudemy-deployer',
  );
  expect(new Set(bindings.map(({ metadata }) => metadata.namespace))).toEqual(new Set(served));
  for (const binding of bindings) {
    expect(binding).toMatchObject({
      subjects: [{ kind: 'ServiceAccount', name: 'deployer', namespace: 'cloudemy' }],
    });
  }
  expect(objects.filter(({ kind }) => kind === 'ClusterRoleBinding')).toEqual([]);
});
