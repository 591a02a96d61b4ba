import { isRecord } from '../objects/is-record.js';
import { type At, child, children } from './findings.js';

/** Where the kinds of Kubernetes itself hold a pod's spec: the path to what also holds its metadata. */
const TEMPLATES: ReadonlyMap<string, readonly string[]> = new Map([
  ['Pod', []],
  ['PodTemplate', ['template']],
  ['ReplicationController', ['spec', 'template']],
  ['ReplicaSet.apps', ['spec', 'template']],
  ['Deployment.apps', ['spec', 'template']],
  ['StatefulSet.apps', ['spec', 'template']],
  ['DaemonSet.apps', ['spec', 'template']],
  ['Job.batch', ['spec', 'template']],
  ['CronJob.batch', ['spec', 'jobTemplate', 'spec', 'template']],
]);

/** Where they hold the spec of a Job. */
const JOBS: ReadonlyMap<string, readonly string[]> = new Map([
  ['Job.batch', ['spec']],
  ['CronJob.batch', ['spec', 'jobTemplate', 'spec']],
]);

/** Kinds of Kubernetes itself that cannot hold a pod. Their data may well use the same words. */
const WITHOUT_PODS = new Set([
  'ConfigMap',
  'Secret',
  'Service',
  'ServiceAccount',
  'Endpoints',
  'Event',
  'LimitRange',
  'Namespace',
  'PersistentVolumeClaim',
  'ResourceQuota',
  'EndpointSlice.discovery.k8s.io',
  'HorizontalPodAutoscaler.autoscaling',
  'Ingress.networking.k8s.io',
  'NetworkPolicy.networking.k8s.io',
  'Lease.coordination.k8s.io',
  'PodDisruptionBudget.policy',
  'Role.rbac.authorization.k8s.io',
  'RoleBinding.rbac.authorization.k8s.io',
]);

export interface PodLike extends At {
  /** False for a part of an unknown kind that only might be a pod's spec. */
  certain: boolean;
}

/** `Job.batch`, `Pod` */
export function kindWithGroup(apiVersion: string, kind: string): string {
  const [group, version] = apiVersion.split('/');
  return version === undefined ? kind : `${kind}.${group ?? ''}`;
}

/** The templates of pods and of Jobs in an object, each with metadata of its own. */
export function findTemplates(object: Record<string, unknown>, kind: string): At[] {
  const template = TEMPLATES.get(kind);
  if (template === undefined) return [];
  const found: At[] = [];
  let at: At | undefined = { value: object, path: [] };
  for (const key of template) {
    at = child(at, key);
    if (at === undefined) return found;
    if (key !== 'spec') found.push(at);
  }
  return found;
}

/** The templates of volume claims in an object, from which claims with that metadata are made. */
export function findClaimTemplates(object: Record<string, unknown>, kind: string): At[] {
  const spec = child({ value: object, path: [] }, 'spec');
  const ofSet =
    kind === 'StatefulSet.apps' && spec !== undefined ? children(spec, 'volumeClaimTemplates') : [];
  const ofPods = findPodSpecs(object, kind)
    .flatMap((pod) => children(pod, 'volumes'))
    .flatMap((volume) => child(volume, 'ephemeral') ?? [])
    .flatMap((ephemeral) => child(ephemeral, 'volumeClaimTemplate') ?? []);
  return [...ofSet, ...ofPods];
}

/** The spec of each volume claim that an object is or makes. */
export function findClaimSpecs(object: Record<string, unknown>, kind: string): At[] {
  const claims =
    kind === 'PersistentVolumeClaim' ? [{ value: object, path: [] }] : findClaimTemplates(object, kind);
  return claims.flatMap((claim) => child(claim, 'spec') ?? []);
}

/** The spec of each Job that an object is or makes. */
export function findJobSpecs(object: Record<string, unknown>, kind: string): At[] {
  const path = JOBS.get(kind);
  if (path === undefined) return [];
  let at: At | undefined = { value: object, path: [] };
  for (const key of path) at = at && child(at, key);
  return at === undefined ? [] : [at];
}

/**
 * Every pod spec in an object. Of a kind unknown here any part could become one (an operator may copy it into
 * a pod), so every part is taken for one, and for a container and a volume besides.
 */
export function findPodSpecs(object: Record<string, unknown>, kind: string): PodLike[] {
  if (WITHOUT_PODS.has(kind)) return [];
  const template = TEMPLATES.get(kind);
  if (template === undefined)
    return everyPart({ value: object, path: [] }).map((at) => ({ ...at, certain: false }));
  let at: At | undefined = { value: object, path: [] };
  for (const key of [...template, 'spec']) at = at && child(at, key);
  return at === undefined ? [] : [{ ...at, certain: true }];
}

function everyPart(at: At): At[] {
  const parts: At[] = [at];
  for (const [key, value] of Object.entries(at.value)) {
    if (at.path.length === 0 && key === 'metadata') continue;
    if (isRecord(value)) parts.push(...everyPart({ value, path: [...at.path, key] }));
    else parts.push(...children(at, key).flatMap((item) => everyPart(item)));
  }
  return parts;
}
