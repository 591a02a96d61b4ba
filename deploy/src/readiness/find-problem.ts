import { text } from 'node:stream/consumers';
import {
  EVENTS,
  type KubeEvent,
  PODS,
  type Pod,
  type UnknownObject,
  findPodProblem,
  openLog,
  resourcePath,
} from '@cloudemy/k8s';
import type { ClusterObjects } from '../cluster/cluster-objects.js';
import { readableLine } from './readable-line.js';
import { type LiveWorkload, creationFailure } from './workload-state.js';

const claims = { group: '', version: 'v1', resource: 'persistentvolumeclaims' };

interface LiveClaim extends UnknownObject {
  status?: { phase?: string };
}

/** Lines of a log that are shown of a container that does not get ready. */
const shownLines = 5;

/**
 * What keeps a workload from being ready, in words; undefined while it merely takes its time. The first line says it, the
 * others are what the container wrote last.
 */
export async function findProblem(
  objects: ClusterObjects,
  workload: LiveWorkload,
): Promise<string | undefined> {
  const { namespace = '' } = workload.metadata;
  const refused = creationFailure(workload);
  if (refused !== undefined) return `its pods are refused: ${refused}`;
  const pods = await podsOf(objects, workload);
  if (pods.length === 0) return refusalByEvents(objects, workload);
  for (const pod of pods) {
    const problem = findPodProblem(pod);
    if (problem === undefined) continue;
    if (problem.reason === 'unschedulable' && /PersistentVolumeClaim/i.test(problem.message)) {
      return (await storageProblem(objects, namespace)) ?? problem.message;
    }
    if (problem.reason !== 'crash_loop') return problem.message;
    return `${problem.message}${await lastLines(objects, pod, true)}`;
  }
  const unready = pods.find((pod) => runsUnready(pod));
  return unready === undefined ? undefined : notReady(objects, unready);
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
  const said = await lastWarning(objects, pod.metadata.namespace ?? '', pod.metadata.uid);
  if (said === undefined) return undefined;
  return `pod ${pod.metadata.name ?? ''} runs and is not ready: ${said}${await lastLines(objects, pod, false)}`;
}

async function lastWarning(objects: ClusterObjects, namespace: string, uid: string | undefined) {
  if (uid === undefined) return undefined;
  const { items } = await objects.api.listAll<KubeEvent>(resourcePath(EVENTS, { namespace }), {
    fieldSelector: `involvedObject.uid=${uid}`,
  });
  return items.findLast(({ type, reason }) => type === 'Warning' || reason === 'FailedBinding')?.message;
}

async function lastLines(objects: ClusterObjects, pod: Pod, previous: boolean): Promise<string> {
  const { namespace = '', name = '' } = pod.metadata;
  try {
    const log = await openLog(objects.api, { namespace, pod: name, previous, tailLines: shownLines });
    const lines = (await text(log)).trimEnd();
    if (lines === '') return '';
    const shown = lines.split('\n').map((line) => `\n      ${readableLine(line)}`);
    return shown.join('');
  } catch {
    return '';
  }
}
