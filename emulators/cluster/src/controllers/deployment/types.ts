import type { JsonObject } from '../../json.js';
import type { PodSpec } from '../../kubelet/pod.js';
import type { KubeObject } from '../../objects.js';

/** The parts of `apps/v1` ReplicaSet that the controllers read and write. */
export interface ReplicaSet extends KubeObject {
  spec: {
    replicas?: number;
    selector: { matchLabels?: Record<string, string> };
    template: PodTemplate;
  };
  status?: ReplicaSetStatus;
}

export interface PodTemplate {
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
  spec: PodSpec;
}

export interface ReplicaSetStatus extends JsonObject {
  replicas?: number;
  fullyLabeledReplicas?: number;
  readyReplicas?: number;
  availableReplicas?: number;
  terminatingReplicas?: number;
  observedGeneration?: number;
  conditions?: object[];
}

/** The parts of `apps/v1` Deployment that the controller reads and writes. */
export interface Deployment extends KubeObject {
  spec: {
    replicas?: number;
    selector: { matchLabels?: Record<string, string> };
    template: PodTemplate;
  };
  status?: DeploymentStatus;
}

export interface DeploymentCondition {
  type: 'Available' | 'Progressing';
  status: 'True' | 'False';
  lastUpdateTime: string;
  lastTransitionTime: string;
  reason: string;
  message: string;
}

export interface DeploymentStatus extends JsonObject {
  observedGeneration?: number;
  replicas?: number;
  updatedReplicas?: number;
  readyReplicas?: number;
  availableReplicas?: number;
  unavailableReplicas?: number;
  terminatingReplicas?: number;
  conditions?: DeploymentCondition[];
}

export const HASH_LABEL = 'pod-template-hash';

export function isReplicaSet(object: KubeObject | undefined): object is ReplicaSet {
  return object?.kind === 'ReplicaSet';
}

export function isDeployment(object: KubeObject | undefined): object is Deployment {
  return object?.kind === 'Deployment';
}

/** A number of an object's status or spec; nothing is zero. */
export function amount(value: number | undefined): number {
  return value ?? 0;
}

/** Leaves out counters that are zero, as the API server's types do. */
export function withoutZeros<T extends object>(counters: T): Partial<T> {
  const kept: Partial<T> = { ...counters };
  for (const name in kept) {
    if (kept[name] === 0) {
      delete kept[name];
    }
  }
  return kept;
}
