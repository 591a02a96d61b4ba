import type { JsonObject } from '../../json.js';
import type { KubeObject } from '../../objects.js';
import type { PodTemplate } from '../deployment/types.js';

/** The parts of `apps/v1` StatefulSet that the controller reads and writes. */
export interface StatefulSet extends KubeObject {
  spec: {
    replicas?: number;
    serviceName?: string;
    selector: { matchLabels?: Record<string, string> };
    template: PodTemplate;
    volumeClaimTemplates?: ClaimTemplate[];
  };
  status?: StatefulSetStatus;
}

export interface ClaimTemplate {
  metadata: { name: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  spec: JsonObject;
}

export interface StatefulSetStatus extends JsonObject {
  observedGeneration?: number;
  replicas: number;
  readyReplicas?: number;
  updatedReplicas?: number;
  updateRevision?: string;
  availableReplicas: number;
}

export const REVISION_LABEL = 'controller-revision-hash';

export function isStatefulSet(object: KubeObject | undefined): object is StatefulSet {
  return object?.kind === 'StatefulSet';
}
