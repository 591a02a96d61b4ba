/**
 * How lists and structs merge, where it is not the default (lists are replaced whole, structs and maps merge
 * field by field). Source: the `x-kubernetes-list-map-keys`, `x-kubernetes-list-type`,
 * `x-kubernetes-map-type` and `x-kubernetes-patch-merge-key` marks of the Kubernetes 1.36 OpenAPI document.
 */
interface ListType {
  /** Keys that tell the items apart in server-side apply. */
  keys: readonly string[];
  /** Key of a strategic merge patch, where it is another one. */
  patchKey?: string;
}

const byName: ListType = { keys: ['name'] };
const byType: ListType = { keys: ['type'] };

const listMaps: Readonly<Record<string, ListType>> = {
  'PodSpec.containers': byName,
  'PodSpec.initContainers': byName,
  'PodSpec.ephemeralContainers': byName,
  'PodSpec.volumes': byName,
  'PodSpec.imagePullSecrets': byName,
  'PodSpec.resourceClaims': byName,
  'PodSpec.schedulingGates': byName,
  'PodSpec.hostAliases': { keys: ['ip'] },
  'PodSpec.topologySpreadConstraints': {
    keys: ['topologyKey', 'whenUnsatisfiable'],
    patchKey: 'topologyKey',
  },
  'Container.env': byName,
  'Container.ports': { keys: ['containerPort', 'protocol'], patchKey: 'containerPort' },
  'Container.volumeMounts': { keys: ['mountPath'] },
  'Container.volumeDevices': { keys: ['devicePath'] },
  'ResourceRequirements.claims': byName,
  'PodStatus.conditions': byType,
  'PodStatus.podIPs': { keys: ['ip'] },
  'ServiceSpec.ports': { keys: ['port', 'protocol'], patchKey: 'port' },
  'ServiceStatus.conditions': byType,
  'ServiceAccount.secrets': byName,
  'DeploymentStatus.conditions': byType,
  'ReplicaSetStatus.conditions': byType,
  'StatefulSetStatus.conditions': byType,
  'DaemonSetStatus.conditions': byType,
  'HorizontalPodAutoscalerStatus.conditions': byType,
  'NamespaceStatus.conditions': byType,
  'NodeStatus.conditions': byType,
  'NodeStatus.addresses': byType,
  'PersistentVolumeClaimStatus.conditions': byType,
  'PodDisruptionBudgetStatus.conditions': byType,
  'ObjectMeta.ownerReferences': { keys: ['uid'] },
};

/** Merged by strategic merge patch, although server-side apply takes them whole. */
const patchMaps: Readonly<Record<string, string>> = {
  'JobStatus.conditions': 'type',
  'ServiceAccount.imagePullSecrets': 'name',
};

const sets = new Set([
  'ObjectMeta.finalizers',
  'PersistentVolumeSpec.accessModes',
  'LoadBalancerStatus.ingress',
]);

const atomicStructs = new Set([
  'LabelSelector',
  'LocalObjectReference',
  'ObjectReference',
  'OwnerReference',
  'SecretKeySelector',
  'ConfigMapKeySelector',
  'ObjectFieldSelector',
  'ResourceFieldSelector',
  'NodeSelector',
  'NodeSelectorTerm',
  'TypedLocalObjectReference',
  'TopologySelectorTerm',
  'SecretReference',
  'RoleRef',
  'Subject',
]);

const atomicMaps = new Set(['ServiceSpec.selector', 'PodSpec.nodeSelector']);

/** Defaults of list keys that a client may leave out. */
export const keyDefaults: Readonly<Record<string, string>> = { protocol: 'TCP' };

/** Keys of a list that is merged by key in server-side apply; `owner` is the struct that has the field. */
export function listKeys(owner: string, field: string): readonly string[] | undefined {
  return listMaps[`${owner}.${field}`]?.keys;
}

/** Merge key of a list in a strategic merge patch. */
export function patchMergeKey(owner: string, field: string): string | undefined {
  const path = `${owner}.${field}`;
  const list = listMaps[path];
  return list === undefined ? patchMaps[path] : (list.patchKey ?? list.keys[0]);
}

/** A list of scalars that is merged as a set. */
export function isSet(owner: string, field: string): boolean {
  return sets.has(`${owner}.${field}`);
}

/** A struct or map that has one owner as a whole. */
export function isAtomic(owner: string, field: string, type: string): boolean {
  return atomicStructs.has(type) || atomicMaps.has(`${owner}.${field}`);
}
