import { DEFAULT_CLASS, PROVISIONER } from './controllers/volume/types.js';
import type { Registry } from './store/registry.js';

const namespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

/** What every namespace gets: the ServiceAccount its pods run as. */
export class NamespaceDefaults {
  readonly #unsubscribe: () => void;

  constructor(registry: Registry) {
    this.#unsubscribe = registry.subscribe(({ type, resource, object }) => {
      if (type === 'ADDED' && resource === 'namespaces') {
        const namespace = object.metadata.name;
        registry.create('serviceaccounts', { metadata: { name: 'default', namespace } });
        registry.create('configmaps', {
          metadata: { name: 'kube-root-ca.crt', namespace },
          data: { 'ca.crt': '' },
        });
      }
    });
  }

  close(): void {
    this.#unsubscribe();
  }
}

/** The namespaces, classes and roles that a fresh cluster holds. */
export function fillCluster(registry: Registry): void {
  for (const name of namespaces) {
    registry.create('namespaces', { metadata: { name } });
  }
  const everything = { apiGroups: ['*'], resources: ['*'], verbs: ['*'] };
  const paths = { nonResourceURLs: ['*'], verbs: ['*'] };
  registry.create('clusterroles.rbac.authorization.k8s.io', {
    metadata: { name: 'cluster-admin' },
    rules: [everything, paths],
  });
  registry.create('clusterrolebindings.rbac.authorization.k8s.io', {
    metadata: { name: 'cluster-admin' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'system:masters' }],
  });
  registry.create('storageclasses.storage.k8s.io', {
    metadata: { name: 'standard', annotations: { [DEFAULT_CLASS]: 'true' } },
    provisioner: PROVISIONER,
  });
  for (const [name, value] of [
    ['system-cluster-critical', 2_000_000_000],
    ['system-node-critical', 2_000_001_000],
  ] as const) {
    registry.create('priorityclasses.scheduling.k8s.io', { metadata: { name }, value });
  }
}
