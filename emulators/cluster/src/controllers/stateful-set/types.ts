import type { JsonObject } from '../../json.js';
import type { KubeObject } from '../../objects.js';
import type { PodTemplate } from '../deployment/types.js';

/** The parts of `apps/v1` StatefulSet that the controller reads and writes. */
export interface StatefulSet extends KubeObject {
  spec: {
    replicas?: number;
    serviceName?: string;
    podManagementPolicy?: 'OrderedReady' | 'Parallel';
    minReadySeconds?: number;
    revisionHistoryLimit?: number;
    ordinals?: { start?: number };
    selector: { matchLabels?: Record<string, string> };
    updateStrategy?: { type?: 'RollingUpdate' | 'OnDelete'; rollingUpdate?: { partition?: number } };
    persistentVolumeClaimRetentionPolicy?: { whenDeleted?: Retention; whenScaled?: Retention };
    template: PodTemplate;
    volumeClaimTemplates?: ClaimTemplate[];
  };
  status?: StatefulSetStatus;
}

type Retention = 'Retain' | 'Delete';

export interface ClaimTemplate {
  metadata: { name: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  spec: JsonObject;
}

export interface StatefulSetStatus extends JsonObject {
  observedGeneration?: number;
  replicas: number;
  readyReplicas?: number;
  currentReplicas?: number;
  updatedReplicas?: number;
  currentRevision?: string;
  updateRevision?: string;
  collisionCount?: number;
  availableReplicas: number;
}

export const REVISION_LABEL = 'controller-revision-hash';

export function isStatefulSet(object: KubeObject | undefined): object is StatefulSet {
  return object?.kind === 'StatefulSet';
}

/** The number of the first pod. */
export function firstOrdinal(set: StatefulSet): number {
  return set.spec.ordinals?.start ?? 0;
}
