/** One resource the server knows. Everything that differs between kinds by data is a column here. */
export interface KindInfo {
  group: string;
  version: string;
  kind: string;
  plural: string;
  singular: string;
  namespaced: boolean;
  shortNames: readonly string[];
  categories: readonly string[];
  /** `metadata.generation` counts changes of the spec. */
  generation: boolean;
  /** `status` is written through its subresource only. */
  status: boolean;
  /** What a DELETE without a policy does to dependents. */
  defaultPropagation: 'Background' | 'Orphan';
  /** An update must carry a resourceVersion. */
  updateNeedsVersion: boolean;
  deleteCollection: boolean;
  /** Further subresources with the Kind they speak and their verbs. */
  subresources: readonly Subresource[];
}

export interface Subresource {
  name: string;
  kind: string;
  group?: string;
  version?: string;
  verbs: readonly string[];
}

type Row = Partial<Omit<KindInfo, 'group' | 'version' | 'kind' | 'plural'>>;

function rows(group: string, version: string, table: Record<string, Row>): KindInfo[] {
  return Object.entries(table).map(([names, row]) => {
    const [kind = '', plural = ''] = names.split(' ');
    return {
      group,
      version,
      kind,
      plural,
      singular: kind.toLowerCase(),
      namespaced: true,
      shortNames: [],
      categories: [],
      generation: false,
      status: false,
      defaultPropagation: 'Background',
      updateNeedsVersion: false,
      deleteCollection: true,
      subresources: [],
      ...row,
    };
  });
}

const all = ['all'] as const;
const cluster = { namespaced: false } as const;
const workload = { generation: true, status: true, categories: all } as const;

const podSubresources: readonly Subresource[] = [
  { name: 'exec', kind: 'PodExecOptions', verbs: ['create', 'get'] },
  { name: 'log', kind: 'Pod', verbs: ['get'] },
];
const tokenSubresource: readonly Subresource[] = [
  {
    name: 'token',
    kind: 'TokenRequest',
    group: 'authentication.k8s.io',
    version: 'v1',
    verbs: ['create'],
  },
];

/** Every resource that is stored. */
export const kinds: readonly KindInfo[] = [
  ...rows('', 'v1', {
    'ConfigMap configmaps': { shortNames: ['cm'] },
    'Endpoints endpoints': { shortNames: ['ep'] },
    'Event events': { shortNames: ['ev'] },
    'LimitRange limitranges': { shortNames: ['limits'] },
    'Namespace namespaces': { ...cluster, shortNames: ['ns'], status: true, deleteCollection: false },
    'Node nodes': { ...cluster, shortNames: ['no'], status: true },
    'PersistentVolumeClaim persistentvolumeclaims': { shortNames: ['pvc'], status: true },
    'PersistentVolume persistentvolumes': { ...cluster, shortNames: ['pv'], status: true },
    'Pod pods': {
      shortNames: ['po'],
      categories: all,
      generation: true,
      status: true,
      subresources: podSubresources,
    },
    'ResourceQuota resourcequotas': { shortNames: ['quota'], status: true },
    'Secret secrets': {},
    'ServiceAccount serviceaccounts': { shortNames: ['sa'], subresources: tokenSubresource },
    'Service services': { shortNames: ['svc'], categories: all, status: true },
  }),
  ...rows('apps', 'v1', {
    'ControllerRevision controllerrevisions': {},
    'DaemonSet daemonsets': { ...workload, shortNames: ['ds'] },
    'Deployment deployments': { ...workload, shortNames: ['deploy'] },
    'ReplicaSet replicasets': { ...workload, shortNames: ['rs'] },
    'StatefulSet statefulsets': { ...workload, shortNames: ['sts'] },
  }),
  ...rows('batch', 'v1', {
    'CronJob cronjobs': { ...workload, shortNames: ['cj'] },
    'Job jobs': { ...workload, defaultPropagation: 'Orphan' },
  }),
  ...rows('autoscaling', 'v2', {
    'HorizontalPodAutoscaler horizontalpodautoscalers': {
      shortNames: ['hpa'],
      categories: all,
      status: true,
    },
  }),
  ...rows('coordination.k8s.io', 'v1', { 'Lease leases': { updateNeedsVersion: true } }),
  ...rows('discovery.k8s.io', 'v1', { 'EndpointSlice endpointslices': { generation: true } }),
  ...rows('networking.k8s.io', 'v1', {
    'IngressClass ingressclasses': { ...cluster, generation: true },
    'Ingress ingresses': { shortNames: ['ing'], generation: true, status: true },
    'NetworkPolicy networkpolicies': { shortNames: ['netpol'], generation: true },
  }),
  ...rows('policy', 'v1', {
    'PodDisruptionBudget poddisruptionbudgets': { shortNames: ['pdb'], generation: true, status: true },
  }),
  ...rows('rbac.authorization.k8s.io', 'v1', {
    'ClusterRoleBinding clusterrolebindings': cluster,
    'ClusterRole clusterroles': cluster,
    'RoleBinding rolebindings': {},
    'Role roles': {},
  }),
  ...rows('scheduling.k8s.io', 'v1', {
    'PriorityClass priorityclasses': { ...cluster, shortNames: ['pc'], generation: true },
  }),
  ...rows('storage.k8s.io', 'v1', {
    'StorageClass storageclasses': { ...cluster, shortNames: ['sc'] },
  }),
];

/** `plural` or `plural.group`. */
export function resourceName(info: { plural: string; group: string }): string {
  return info.group === '' ? info.plural : `${info.plural}.${info.group}`;
}

/** `v1` or `group/version`. */
export function apiVersion(info: { group: string; version: string }): string {
  return info.group === '' ? info.version : `${info.group}/${info.version}`;
}

const byResource = new Map(kinds.map((info) => [resourceName(info), info]));
const byKind = new Map(kinds.map((info) => [`${apiVersion(info)} ${info.kind}`, info]));

/** The row of `plural.group`, or undefined. */
export function kindOf(resource: string): KindInfo | undefined {
  return byResource.get(resource);
}

/** The row of an object's `apiVersion` and `kind`, or undefined. */
export function kindNamed(version: string, kind: string): KindInfo | undefined {
  return byKind.get(`${version} ${kind}`);
}
