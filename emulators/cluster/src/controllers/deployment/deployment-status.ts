import { millis, seconds } from '../clock.js';
import { margins } from './rollout.js';
import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from './types.js';
import { amount, withoutZeros } from './types.js';

/** Puts a condition in. One of the same status keeps the time it began; of the same reason, everything. */
export function putCondition(
  conditions: readonly DeploymentCondition[],
  type: DeploymentCondition['type'],
  status: DeploymentCondition['status'],
  reason: string,
  message: string,
  touch = false,
): DeploymentCondition[] {
  const known = conditions.find((condition) => condition.type === type);
  if (known?.status === status && known.reason === reason && !touch) {
    return [...conditions];
  }
  const now = seconds();
  const lastTransitionTime = known?.status === status ? known.lastTransitionTime : now;
  const fresh = { type, status, lastUpdateTime: now, lastTransitionTime, reason, message };
  return [...conditions.filter((condition) => condition.type !== type), fresh];
}

function sum(sets: readonly ReplicaSet[], read: (set: ReplicaSet) => number | undefined): number {
  return sets.reduce((total, set) => total + amount(read(set)), 0);
}

function counters(deployment: Deployment, current: ReplicaSet | undefined, sets: readonly ReplicaSet[]) {
  const available = sum(sets, ({ status }) => status?.availableReplicas);
  return {
    ...withoutZeros({
      replicas: sum(sets, ({ status }) => status?.replicas),
      updatedReplicas: amount(current?.status?.replicas),
      readyReplicas: sum(sets, ({ status }) => status?.readyReplicas),
      availableReplicas: available,
      unavailableReplicas: Math.max(0, sum(sets, ({ spec }) => spec.replicas) - available),
    }),
    observedGeneration: deployment.metadata.generation ?? 1,
    terminatingReplicas: sum(sets, ({ status }) => status?.terminatingReplicas),
  };
}

function isComplete(deployment: Deployment, status: DeploymentStatus): boolean {
  const wanted = deployment.spec.replicas ?? 1;
  return (
    amount(status.updatedReplicas) === wanted &&
    amount(status.replicas) === wanted &&
    amount(status.availableReplicas) === wanted
  );
}

function hasProgressed(before: DeploymentStatus, after: DeploymentStatus): boolean {
  const old = (status: DeploymentStatus): number => amount(status.replicas) - amount(status.updatedReplicas);
  return (
    amount(after.updatedReplicas) > amount(before.updatedReplicas) ||
    old(after) < old(before) ||
    amount(after.readyReplicas) > amount(before.readyReplicas) ||
    amount(after.availableReplicas) > amount(before.availableReplicas)
  );
}

/** When the rollout is out of time, in milliseconds; Infinity when it is not waiting for anything. */
export function progressDeadline(deployment: Deployment): number {
  const condition = deployment.status?.conditions?.find(({ type }) => type === 'Progressing');
  const idle = condition === undefined || condition.reason === 'NewReplicaSetAvailable';
  return idle || condition.status === 'False'
    ? Number.POSITIVE_INFINITY
    : millis(condition.lastUpdateTime) + (deployment.spec.progressDeadlineSeconds ?? 600) * 1000;
}

/** The Deployment's status, from its ReplicaSets. */
export function deploymentStatus(
  deployment: Deployment,
  current: ReplicaSet | undefined,
  sets: readonly ReplicaSet[],
): DeploymentStatus {
  const before = deployment.status ?? {};
  const status: DeploymentStatus = counters(deployment, current, sets);
  const wanted = deployment.spec.replicas ?? 1;
  let conditions = before.conditions ?? [];
  const enough = amount(status.availableReplicas) >= wanted - margins(deployment).unavailable;
  conditions = enough
    ? putCondition(
        conditions,
        'Available',
        'True',
        'MinimumReplicasAvailable',
        'Deployment has minimum availability.',
      )
    : putCondition(
        conditions,
        'Available',
        'False',
        'MinimumReplicasUnavailable',
        'Deployment does not have minimum availability.',
      );
  const progressing = conditions.find(({ type }) => type === 'Progressing');
  const settled =
    progressing?.reason === 'NewReplicaSetAvailable' &&
    amount(status.replicas) === amount(status.updatedReplicas);
  const subject = `ReplicaSet "${current?.metadata.name ?? ''}"`;
  if (current !== undefined && !settled) {
    if (isComplete(deployment, status)) {
      const message = `${subject} has successfully progressed.`;
      conditions = putCondition(conditions, 'Progressing', 'True', 'NewReplicaSetAvailable', message);
    } else if (hasProgressed(before, status)) {
      const message = `${subject} is progressing.`;
      conditions = putCondition(conditions, 'Progressing', 'True', 'ReplicaSetUpdated', message, true);
    } else if (progressDeadline(deployment) <= Date.now()) {
      const message = `${subject} has timed out progressing.`;
      conditions = putCondition(conditions, 'Progressing', 'False', 'ProgressDeadlineExceeded', message);
    }
  }
  return { ...status, conditions };
}
