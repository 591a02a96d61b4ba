/*
 * How lists and structs merge, where it is not the default (lists are replaced whole, structs and maps merge
 * field by field). Source: the `x-kubernetes-list-map-keys`, `x-kubernetes-list-type`
 * and `x-kubernetes-map-type` marks of the Kubernetes 1.36 OpenAPI document.
 */
const byName = ['name'];
const byType = ['type'];

/** Keys that tell the items of a list apart. */
const listMaps: Readonly<Record<string, readonly string[]>> = {
  'PodSpec.containers': byName,
  'PodSpec.initContainers': byName,
  'PodSpec.ephemeralContainers': byName,
  'PodSpec.volumes': byName,
  'PodSpec.imagePullSecrets': byName,
  'PodSpec.resourceClaims': byName,
  'PodSpec.schedulingGates': byName,
  'PodSpec.hostAliases': ['ip'],
  'PodSpec.topologySpreadConstraints': ['topologyKey', 'whenUnsatisfiable'],
  'Container.env': byName,
  'Container.ports': ['containerPort', 'protocol'],
  'Container.volumeMounts': ['mountPath'],
  'Container.volumeDevices': ['devicePath'],
  'ResourceRequirements.claims': byName,
  'PodStatus.conditions': byType,
  'PodStatus.podIPs': ['ip'],
  'ServiceSpec.ports': ['port', 'protocol'],
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
  'ObjectMeta.ownerReferences': ['uid'],
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
  return listMaps[`${owner}.${field}`];
}

/** A list of scalars that is merged as a set. */
export function isSet(owner: string, field: string): boolean {
  return sets.has(`${owner}.${field}`);
}

/** A struct or map that has one owner as a whole. */
export function isAtomic(owner: string, field: string, type: string): boolean {
  return atomicStructs.has(type) || atomicMaps.has(`${owner}.${field}`);
}
