import { seconds } from '../clock.js';
import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from './types.js';
import { amount, withoutZeros } from './types.js';

/** The condition; the time it began stays while its status does. */
function condition(
  before: DeploymentStatus,
  type: DeploymentCondition['type'],
  holds: boolean,
  reason: string,
  message: string,
): DeploymentCondition {
  const status = holds ? 'True' : 'False';
  const known = before.conditions?.find((one) => one.type === type);
  if (known?.status === status && known.reason === reason) {
    return known;
  }
  const now = seconds();
  const lastTransitionTime = known?.status === status ? known.lastTransitionTime : now;
  return { type, status, lastUpdateTime: now, lastTransitionTime, reason, message };
}

/** The Deployment's status, from its ReplicaSets. */
export function deploymentStatus(
  deployment: Deployment,
  current: ReplicaSet | undefined,
  sets: readonly ReplicaSet[],
): DeploymentStatus {
  const wanted = deployment.spec.replicas ?? 1;
  const sum = (read: (set: ReplicaSet) => number | undefined): number =>
    sets.reduce((total, set) => total + amount(read(set)), 0);
  const replicas = sum(({ status }) => status?.replicas);
  const available = sum(({ status }) => status?.availableReplicas);
  const updated = amount(current?.status?.replicas);
  const before = deployment.status ?? {};
  const complete = updated === wanted && replicas === wanted && available === wanted;
  const subject = `ReplicaSet "${current?.metadata.name ?? ''}"`;
  return {
    ...withoutZeros({
      replicas,
      updatedReplicas: updated,
      readyReplicas: sum(({ status }) => status?.readyReplicas),
      availableReplicas: available,
      unavailableReplicas: Math.max(0, sum(({ spec }) => spec.replicas) - available),
    }),
    observedGeneration: deployment.metadata.generation ?? 1,
    terminatingReplicas: sum(({ status }) => status?.terminatingReplicas),
    conditions: [
      available >= wanted
        ? condition(
            before,
            'Available',
            true,
            'MinimumReplicasAvailable',
            'Deployment has minimum availability.',
          )
        : condition(
            before,
            'Available',
            false,
            'MinimumReplicasUnavailable',
            'Deployment does not have minimum availability.',
          ),
      complete
        ? condition(
            before,
            'Progressing',
            true,
            'NewReplicaSetAvailable',
            `${subject} has successfully progressed.`,
          )
        : condition(before, 'Progressing', true, 'ReplicaSetUpdated', `${subject} is progressing.`),
    ],
  };
}
