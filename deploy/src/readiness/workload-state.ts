import type { Condition, UnknownObject } from '@cloudemy/k8s';
import type { Workload } from '../manifests/objects.js';

interface WorkloadStatus {
  observedGeneration?: number;
  replicas?: number;
  updatedReplicas?: number;
  readyReplicas?: number;
  availableReplicas?: number;
  conditions?: Condition[];
}

/** A Deployment or StatefulSet with what its controller says of it. */
export interface LiveWorkload extends UnknownObject {
  spec: Workload['spec'];
  status?: WorkloadStatus;
}

/** What the API server answers for a workload has its spec. */
export const isLive = (object: UnknownObject): object is LiveWorkload => object['spec'] !== undefined;

/** Whether the pods that were asked for last all run and are ready, and no others are left. */
export function isRolledOut({ kind, metadata, spec, status = {} }: LiveWorkload): boolean {
  const wanted = spec.replicas ?? 1;
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0)) return false;
  const { updatedReplicas = 0, replicas = 0, readyReplicas = 0, availableReplicas = 0 } = status;
  const ready = kind === 'Deployment' ? availableReplicas : readyReplicas;
  return updatedReplicas >= wanted && ready >= wanted && replicas <= wanted;
}

/** Why no pod could be made: quotas, Pod Security, service accounts. */
export function creationFailure({ status }: LiveWorkload): string | undefined {
  const failure = status?.conditions?.find(
    ({ type, status }) => type === 'ReplicaFailure' && status === 'True',
  );
  return failure?.message;
}
