import {
  EVENTS,
  type KubeEvent,
  PODS,
  type Pod,
  type Problem,
  type UnknownObject,
  findPodProblem,
  resourcePath,
} from '@cloudemy/k8s';
import type { ClusterObjects } from '../cluster/cluster-objects.js';
import { failingChecks } from './failing-checks.js';
import { lastLines } from './last-lines.js';
import { type LiveWorkload, creationFailure } from './workload-state.js';

const claims = { group: '', version: 'v1', resource: 'persistentvolumeclaims' };

interface LiveClaim extends UnknownObject {
  status?: { phase?: string };
}

/** What keeps a workload from being ready. */
export interface WorkloadProblem {
  /** The first line says it, the others are what the container wrote last. */
  words: string;
  /** It is within the time that its startup probe gives it: nothing is wrong yet. */
  starting: boolean;
}

/** What keeps a workload from being ready, in words; undefined while it merely takes its time. */
export async function findProblem(
  objects: ClusterObjects,
  workload: LiveWorkload,
): Promise<WorkloadProblem | undefined> {
  const wrong = (words: string): WorkloadProblem => ({ words, starting: false });
  const refused = creationFailure(workload);
  if (refused !== undefined) return wrong(`its pods are refused: ${refused}`);
  const pods = await podsOf(objects, workload);
  if (pods.length === 0) {
    const words = await refusalByEvents(objects, workload);
    return words === undefined ? undefined : wrong(words);
  }
  const words = await problemOfPods(objects, pods);
  if (words !== undefined) return wrong(words);
  const unready = pods.filter(runsUnready);
  const late = unready.find((pod) => !isStarting(pod)) ?? unready[0];
  if (late === undefined) return undefined;
  const said = await notReady(objects, late);
  return said === undefined ? undefined : { words: said, starting: isStarting(late) };
}

/** What is wrong with any of the pods: one that keeps crashing tells more than one that waits. */
async function problemOfPods(objects: ClusterObjects, pods: readonly Pod[]): Promise<string | undefined> {
  const found = pods.flatMap((pod) => {
    const problem = findPodProblem(pod);
    return problem === undefined ? [] : [{ pod, problem }];
  });
  const crashed = found.filter(({ problem }) => problem.reason === 'crash_loop');
  const [first] = [...crashed, ...found];
  if (first === undefined) return undefined;
  const { pod, problem } = first;
  const words = await wordsOf(objects, pod, problem);
  const others = new Set(found.map((one) => one.problem.message).filter((one) => one !== problem.message));
  return [words, ...[...others].map((message) => `\n      another pod: ${message}`)].join('');
}

async function wordsOf(objects: ClusterObjects, pod: Pod, problem: Problem): Promise<string> {
  if (problem.reason === 'unschedulable' && /PersistentVolumeClaim/i.test(problem.message)) {
    return (await storageProblem(objects, pod.metadata.namespace ?? '')) ?? problem.message;
  }
  if (problem.reason !== 'crash_loop') return problem.message;
  return `${problem.message}${await lastLines(objects.api, pod, true)}`;
}

async function podsOf(objects: ClusterObjects, { metadata, spec }: LiveWorkload): Promise<Pod[]> {
  const selector = Object.entries(spec.selector.matchLabels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  const { items } = await objects.api.listAll<Pod>(resourcePath(PODS, { namespace: metadata.namespace }), {
    labelSelector: selector,
  });
  const living = items.filter((pod) => pod.metadata.deletionTimestamp === undefined);
  // The newest are those of the latest change.
  return living.toSorted((one, other) => created(other) - created(one));
}

const created = ({ metadata }: Pod): number => Date.parse(metadata.creationTimestamp ?? '');

function runsUnready({ status }: Pod): boolean {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return status?.phase === 'Running' && ready?.status !== 'True';
}

/** Whether the startup probe still has its time; a container that was killed for it has had that. */
function isStarting({ status }: Pod): boolean {
  const containers = status?.containerStatuses ?? [];
  return containers.some(({ started, restartCount = 0 }) => started === false && restartCount === 0);
}

/** A StatefulSet tells only by events why it cannot make a pod; a Deployment's are its ReplicaSet's. */
async function refusalByEvents(objects: ClusterObjects, { metadata }: LiveWorkload) {
  const { items } = await objects.api.listAll<KubeEvent>(
    resourcePath(EVENTS, { namespace: metadata.namespace }),
    { fieldSelector: 'reason=FailedCreate' },
  );
  const { name = '' } = metadata;
  const event = items.findLast(
    ({ involvedObject }) => involvedObject.name === name || involvedObject.name?.startsWith(`${name}-`),
  );
  return event?.message === undefined ? undefined : `its pods are refused: ${event.message}`;
}

async function storageProblem(objects: ClusterObjects, namespace: string): Promise<string | undefined> {
  const all = await objects.list<LiveClaim>(claims, namespace);
  const waiting = all.find(({ status }) => status?.phase === 'Pending');
  if (waiting === undefined) return undefined;
  const said = await lastWarning(objects, namespace, waiting.metadata.uid);
  return (
    `its volume ${waiting.metadata.name ?? ''} is not there: ${said ?? 'nothing provides it'}. ` +
    'Pass --storage-class NAME, or --storage-class none to keep the data in the pod'
  );
}

async function notReady(objects: ClusterObjects, pod: Pod): Promise<string | undefined> {
  const { namespace = '', name = '', uid } = pod.metadata;
  const failing = isStarting(pod) ? undefined : await failingChecks(objects.api, pod);
  const said = failing ?? (await lastWarning(objects, namespace, uid));
  if (said === undefined) return undefined;
  return `pod ${name} runs and is not ready: ${said}${await lastLines(objects.api, pod, false)}`;
}

async function lastWarning(objects: ClusterObjects, namespace: string, uid: string | undefined) {
  if (uid === undefined) return undefined;
  const { items } = await objects.api.listAll<KubeEvent>(resourcePath(EVENTS, { namespace }), {
    fieldSelector: `involvedObject.uid=${uid}`,
  });
  return items.findLast(({ type, reason }) => type === 'Warning' || reason === 'FailedBinding')?.message;
}
