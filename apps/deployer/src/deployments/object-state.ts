import type { CronJobRun, ObjectState } from '@cloudemy/contracts';
import {
  type Condition,
  type CronJob,
  type Job,
  type Pod,
  type UnknownObject,
  describeJob,
  eventsOfJob,
  findPodProblem,
} from '@cloudemy/k8s';
import type { Around } from './surroundings.js';

export interface LiveState {
  state: ObjectState;
  message: string;
  /** Of a CronJob. */
  runs?: CronJobRun[];
  lastScheduledAt?: string | null;
}

type Describe = (object: UnknownObject, around: Around) => LiveState;

/** What has become of an object, by its kind. Kinds without a state of their own are told by their conditions. */
export function describeObject(
  kind: string,
  object: UnknownObject,
  around: Around = { pods: [], events: [], runs: [] },
): LiveState {
  const { deletionTimestamp, finalizers = [] } = object.metadata;
  if (deletionTimestamp !== undefined) {
    const held = finalizers.length === 0 ? '' : `; it is held by ${finalizers.join(', ')}`;
    return { state: 'terminating', message: `it is being deleted${held}` };
  }
  return (byKind[kind] ?? describeByConditions)(object, around);
}

/** Conditions that say how an object of any kind is, the most telling first. */
const telling: readonly (readonly [type: RegExp, status: string, state: ObjectState])[] = [
  [/^(Failed|Stalled)$/, 'True', 'failed'],
  [/^(Complete|Completed|Succeeded)$/, 'True', 'complete'],
  [/^Suspended$/, 'True', 'suspended'],
  [/^(Ready|Available)$/, 'False', 'progressing'],
  [/^(Ready|Available|Running)$/, 'True', 'active'],
  [/^(Reconciling|Progressing|Created)$/, 'True', 'progressing'],
];

/** As operators write them (https://github.com/kubernetes/community, API conventions, "Typical status properties"). */
const describeByConditions: Describe = (object) => {
  const conditions = conditionsOf(statusOf(object));
  for (const [type, status, state] of telling) {
    const found = conditions.find((one) => type.test(one.type) && one.status === status);
    if (found === undefined) continue;
    const words = found.message ?? found.reason ?? '';
    return { state, message: `${found.type} is ${found.status}${words === '' ? '' : `: ${words}`}` };
  }
  return { state: 'active', message: 'it exists' };
};

const describeOneJob = (job: Job, { pods, events }: Pick<Around, 'pods' | 'events'>): LiveState => {
  const { phase, troubled, message } = describeJob(job, pods, eventsOfJob(job, pods, events));
  if (phase === 'succeeded') return { state: 'complete', message };
  if (phase === 'failed') return { state: 'failed', message };
  if (phase === 'suspended') return { state: 'suspended', message };
  if (troubled) return { state: 'troubled', message };
  return (job.status?.ready ?? 0) > 0
    ? { state: 'active', message: 'the Job is running' }
    : { state: 'progressing', message };
};

/** Runs that are shown of a CronJob. */
const mostRuns = 20;

function describeCronJob({ spec, status }: CronJob, { runs, events }: Around): LiveState {
  const shown = runs
    .map(({ job, pods }) => ({ job, ...describeOneJob(job, { pods, events }) }))
    .toSorted((a, b) => createdAt(b.job) - createdAt(a.job))
    .slice(0, mostRuns)
    .map(({ job, state, message }) => ({
      job_name: job.metadata.name ?? '',
      state,
      message,
      scheduled_at: instant(job.metadata.creationTimestamp),
    }));
  const [last] = shown;
  const latest =
    last === undefined ? 'it has made no Job yet' : `the last run, ${last.job_name}: ${last.message}`;
  const live = { runs: shown, lastScheduledAt: instant(status?.lastScheduleTime) };
  return spec.suspend === true
    ? { state: 'suspended', message: `the schedule is suspended; ${latest}`, ...live }
    : { state: 'active', message: `by the schedule ${spec.schedule}; ${latest}`, ...live };
}

const createdAt = ({ metadata }: Job): number => Date.parse(metadata.creationTimestamp ?? '') || 0;

const instant = (time: string | undefined): string | null =>
  time === undefined || Number.isNaN(Date.parse(time)) ? null : new Date(time).toISOString();

const byKind: Readonly<Record<string, Describe>> = {
  // Listed from the API server: the fields are those of the kind.
  Job: (object, around) => describeOneJob(object as UnknownObject & Job, around),
  CronJob: (object, around) => describeCronJob(object as UnknownObject & CronJob, around),
  Pod: (object) => {
    // Listed from the pods of the API server.
    const pod = object as UnknownObject & Pod;
    const problem = findPodProblem(pod);
    const phase = pod.status?.phase ?? 'Pending';
    if (phase === 'Succeeded') return { state: 'complete', message: 'the pod has completed' };
    if (phase === 'Failed') return { state: 'failed', message: problem?.message ?? 'the pod failed' };
    if (problem !== undefined) return { state: 'troubled', message: problem.message };
    return phase === 'Running'
      ? { state: 'active', message: 'the pod is running' }
      : { state: 'progressing', message: 'the pod is being started' };
  },
  Deployment: (object, around) => withPods(describeReplicas(object, 'updatedReplicas'), around),
  StatefulSet: (object, around) => withPods(describeReplicas(object, 'updatedReplicas'), around),
  ReplicaSet: (object, around) => withPods(describeReplicas(object, 'replicas'), around),
  DaemonSet: (object, around) => {
    const status = statusOf(object);
    const live = replicas(numberAt(status, 'numberReady'), numberAt(status, 'desiredNumberScheduled'));
    return withPods(live, around);
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

/** Replicas that are not ready may have a reason, which their pods know. */
function withPods(live: LiveState, { pods }: Around): LiveState {
  if (live.state !== 'progressing') return live;
  const problem = pods.map((pod) => findPodProblem(pod)).find((found) => found !== undefined);
  return problem === undefined ? live : { state: 'troubled', message: `${live.message}: ${problem.message}` };
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
