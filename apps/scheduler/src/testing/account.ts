import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KubeObject } from '@cloudemy/k8s';
import type { TestStack } from './stack.js';

export interface Rule {
  apiGroups: string[];
  resources: string[];
  resourceNames?: string[];
  verbs: string[];
}

interface TokenRequest extends KubeObject {
  spec: object;
  status?: { token?: string };
}

const rbac = 'rbac.authorization.k8s.io';

/** Makes a service account with these rights and no others; returns the path of its kubeconfig. */
export async function makeAccount(stack: TestStack, name: string, rules: Rule[]): Promise<string> {
  const { api } = stack.cluster;
  const core = '/api/v1/namespaces/default/serviceaccounts';
  const roles = `/apis/${rbac}/v1/namespaces/default`;
  const metadata = { name, namespace: 'default' };
  await api.create(core, { apiVersion: 'v1', kind: 'ServiceAccount', metadata });
  await api.create(`${roles}/roles`, {
    apiVersion: `${rbac}/v1`,
    kind: 'Role',
    metadata,
    rules,
  });
  await api.create(`${roles}/rolebindings`, {
    apiVersion: `${rbac}/v1`,
    kind: 'RoleBinding',
    metadata,
    roleRef: { apiGroup: rbac, kind: 'Role', name },
    subjects: [{ kind: 'ServiceAccount', name, namespace: 'default' }],
  });
  const { object } = await api.create<TokenRequest>(`${core}/${name}/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    metadata: {},
    spec: {},
  });
  const file = join(stack.folder, `${name}.kubeconfig`);
  await writeFile(file, kubeconfig(new URL(stack.local.url).origin, object.status?.token ?? ''));
  return file;
}

/** JSON is YAML too. */
function kubeconfig(server: string, token: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server } }],
    users: [{ name: 'test', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    'current-context': 'test',
  });
}
