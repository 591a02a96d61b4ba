import type { PodSpec, UnknownObject } from '@cloudemy/k8s';

export interface EnvVar {
  name: string;
  value?: string;
  valueFrom?: { secretKeyRef?: KeyReference; configMapKeyRef?: KeyReference };
}

export interface KeyReference {
  name: string;
  key: string;
  optional?: boolean;
}

export interface Container {
  name: string;
  image: string;
  command?: string[];
  resources?: { requests?: Record<string, string> };
  env?: EnvVar[];
  envFrom?: { configMapRef?: { name: string; optional?: boolean } }[];
}

export interface Volume {
  name: string;
  configMap?: { name: string };
  secret?: { secretName: string; items?: { key: string; path: string }[] };
  emptyDir?: object;
}

export interface PodTemplate {
  metadata: { labels?: Record<string, string>; annotations?: Record<string, string> };
  spec: Omit<PodSpec, 'containers'> & { containers: Container[]; volumes?: Volume[] };
}

/** A Deployment or StatefulSet. */
export interface Workload extends UnknownObject {
  kind: 'Deployment' | 'StatefulSet';
  spec: {
    replicas?: number;
    selector: { matchLabels: Record<string, string> };
    template: PodTemplate;
    volumeClaimTemplates?: { metadata: { name: string }; spec: { storageClassName?: string } }[];
  };
}

export interface ConfigMap extends UnknownObject {
  kind: 'ConfigMap';
  data: Record<string, string>;
}

export function isWorkload(object: UnknownObject): object is Workload {
  return object.kind === 'Deployment' || object.kind === 'StatefulSet';
}

export function isConfigMap(object: UnknownObject): object is ConfigMap {
  return object.kind === 'ConfigMap';
}

/** `Deployment cloudemy/scheduler`: what messages call an object, and what tells two apart. */
export function describeObject({ kind, metadata }: UnknownObject): string {
  const { namespace, name = '' } = metadata;
  return `${kind ?? ''} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}
