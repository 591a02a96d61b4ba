import type { ObjectState } from '@cloudemy/contracts';
import {
  type Condition,
  type Job,
  type Pod,
  type UnknownObject,
  describeJob,
  findPodProblem,
} from '@cloudemy/k8s';

export interface LiveState {
  state: ObjectState;
  message: string;
}

type Describe = (object: UnknownObject) => LiveState;

/** What has become of an object, by its kind. Kinds without a state of their own are active once they exist. */
export function describeObject(kind: string, object: UnknownObject): LiveState {
  if (object.metadata.deletionTimestamp !== undefined) {
    return { state: 'terminating', message: 'it is being deleted' };
  }
  return (byKind[kind] ?? describePlain)(object);
}

const describePlain: Describe = () => ({ state: 'active', message: 'it exists' });

const byKind: Readonly<Record<string, Describe>> = {
  Job: (object) => {
    // Listed from the Jobs of the API server: the fields are those of a Job.
    const { phase, troubled, message } = describeJob(object as UnknownObject & Job, []);
    if (phase === 'succeeded') return { state: 'complete', message };
    if (phase === 'failed') return { state: 'failed', message };
    if (phase === 'suspended') return { state: 'active', message };
    return numberAt(statusOf(object), 'ready') > 0 && !troubled
      ? { state: 'active', message: 'the Job is running' }
      : { state: 'progressing', message };
  },
  Pod: (object) => {
    // Listed from the pods of the API server.
    const pod = object as UnknownObject & Pod;
    const problem = findPodProblem(pod);
    const phase = pod.status?.phase ?? 'Pending';
    if (phase === 'Succeeded') return { state: 'complete', message: 'the pod has completed' };
    if (phase === 'Failed') return { state: 'failed', message: problem?.message ?? 'the pod failed' };
    if (problem !== undefined) return { state: 'progressing', message: problem.message };
    return phase === 'Running'
      ? { state: 'active', message: 'the pod is running' }
      : { state: 'progressing', message: 'the pod is being started' };
  },
  Deployment: (object) => describeReplicas(object, 'updatedReplicas'),
  StatefulSet: (object) => describeReplicas(object, 'updatedReplicas'),
  ReplicaSet: (object) => describeReplicas(object, 'replicas'),
  DaemonSet: (object) => {
    const status = statusOf(object);
    return replicas(numberAt(status, 'numberReady'), numberAt(status, 'desiredNumberScheduled'));
  },
  PersistentVolumeClaim: (object) => {
    switch (statusOf(object)['phase']) {
      case 'Bound':
        return { state: 'active', message: 'the claim is bound' };
      case 'Lost':
        return { state: 'failed', message: 'its volume is gone' };
      default:
        return { state: 'progressing', message: 'the claim waits for a volume' };
    }
  },
};

/** https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status */
function describeReplicas(object: UnknownObject, updatedField: string): LiveState {
  const status = statusOf(object);
  const wanted = numberAt(recordAt(object, 'spec'), 'replicas', 1);
  const stalled = conditionsOf(status).find(
    ({ type, status }) =>
      (type === 'Progressing' && status === 'False') || (type === 'ReplicaFailure' && status === 'True'),
  );
  if (stalled !== undefined) {
    return { state: 'failed', message: stalled.message ?? stalled.reason ?? 'it does not get on' };
  }
  const seen = numberAt(status, 'observedGeneration') >= (object.metadata.generation ?? 0);
  if (!seen) return { state: 'progressing', message: 'the cluster has not taken notice of it yet' };
  const ready = Math.min(numberAt(status, 'readyReplicas'), numberAt(status, updatedField));
  return replicas(ready, wanted);
}

function replicas(ready: number, wanted: number): LiveState {
  return {
    state: ready >= wanted ? 'active' : 'progressing',
    message: `${ready} of ${wanted} replicas are ready`,
  };
}

const statusOf = (object: UnknownObject): Record<string, unknown> => recordAt(object, 'status');

function recordAt(value: Record<string, unknown>, key: string): Record<string, unknown> {
  const found = value[key];
  return typeof found === 'object' && found !== null ? { ...found } : {};
}

function numberAt(value: Record<string, unknown>, key: string, otherwise = 0): number {
  const found = value[key];
  return typeof found === 'number' ? found : otherwise;
}

function conditionsOf(status: Record<string, unknown>): Condition[] {
  const { conditions } = status;
  return Array.isArray(conditions) ? conditions : [];
}
