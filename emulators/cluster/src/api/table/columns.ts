import { asNumber, asString, at, objectsIn, scalarText } from '../../json.js';
import type { JsonObject } from '../../json.js';
import type { KubeObject } from '../../objects.js';
import { age, humanDuration } from './duration.js';

/** One column of `kubectl get`. */
export interface Column {
  name: string;
  cell(object: KubeObject): string | number;
}

function text(object: KubeObject, ...path: string[]): string {
  return asString(at(object, ...path)) ?? '';
}

function count(object: KubeObject, ...path: string[]): number {
  return asNumber(at(object, ...path)) ?? 0;
}

const column = (name: string, cell: Column['cell']): Column => ({ name, cell });
const named = column('Name', (object) => object.metadata.name);
const aged = column('Age', (object) => age(object.metadata.creationTimestamp));
const ready = column(
  'Ready',
  (object) => `${count(object, 'status', 'readyReplicas')}/${count(object, 'spec', 'replicas')}`,
);

function jobStatus(job: KubeObject): string {
  const conditions = objectsIn(at(job, 'status', 'conditions')).filter(({ status }) => status === 'True');
  const shown = ['Complete', 'Failed', 'Suspended'].find((type) =>
    conditions.some((condition) => condition['type'] === type),
  );
  return shown ?? (job.metadata.deletionTimestamp === undefined ? 'Running' : 'Terminating');
}

function jobDuration(job: KubeObject): string {
  const start = text(job, 'status', 'startTime');
  const end = text(job, 'status', 'completionTime');
  return start === '' ? '' : humanDuration((end === '' ? Date.now() : Date.parse(end)) - Date.parse(start));
}

/** Why a container does not run; undefined when it does, or did what it should. */
function reasonOf(status: JsonObject): string | undefined {
  const waiting = asString(at(status, 'state', 'waiting', 'reason'));
  const exitCode = at(status, 'state', 'terminated', 'exitCode');
  const ended =
    exitCode === undefined
      ? undefined
      : (asString(at(status, 'state', 'terminated', 'reason')) ?? `ExitCode:${scalarText(exitCode)}`);
  return waiting ?? ended;
}

function podStatus(pod: KubeObject): string {
  if (pod.metadata.deletionTimestamp !== undefined) {
    return 'Terminating';
  }
  const initial = objectsIn(at(pod, 'status', 'initContainerStatuses'))
    .filter((status) => at(status, 'state', 'terminated', 'exitCode') !== 0 && status['started'] !== true)
    .map(reasonOf)
    .find((reason) => reason !== undefined);
  if (initial !== undefined) {
    return `Init:${initial}`;
  }
  const statuses = objectsIn(at(pod, 'status', 'containerStatuses'));
  const reasons = statuses.flatMap((status) => reasonOf(status) ?? []);
  const bad = reasons.find((reason) => reason !== 'Completed');
  const all = reasons.length === statuses.length ? reasons[0] : undefined;
  return bad ?? all ?? (text(pod, 'status', 'reason') || text(pod, 'status', 'phase'));
}

const podColumns: readonly Column[] = [
  named,
  column('Ready', (pod) => {
    const statuses = objectsIn(at(pod, 'status', 'containerStatuses'));
    return `${statuses.filter((status) => status['ready'] === true).length}/${objectsIn(at(pod, 'spec', 'containers')).length}`;
  }),
  column('Status', podStatus),
  column('Restarts', (pod) =>
    objectsIn(at(pod, 'status', 'containerStatuses')).reduce(
      (sum, status) => sum + (asNumber(status['restartCount']) ?? 0),
      0,
    ),
  ),
  aged,
];

const eventColumns: readonly Column[] = [
  column('Last Seen', (event) => age(event['lastTimestamp'] ?? event.metadata.creationTimestamp)),
  column('Type', (event) => text(event, 'type')),
  column('Reason', (event) => text(event, 'reason')),
  column(
    'Object',
    (event) =>
      `${text(event, 'involvedObject', 'kind').toLowerCase()}/${text(event, 'involvedObject', 'name')}`,
  ),
  column('Message', (event) => text(event, 'message').trim()),
];

const plain: readonly Column[] = [named, aged];

/** Columns by `plural.group`; what is not here shows name and age. */
const columns: Readonly<Record<string, readonly Column[]>> = {
  pods: podColumns,
  events: eventColumns,
  'jobs.batch': [
    named,
    column('Status', jobStatus),
    column(
      'Completions',
      (job) => `${count(job, 'status', 'succeeded')}/${asNumber(at(job, 'spec', 'completions')) ?? 1}`,
    ),
    column('Duration', jobDuration),
    aged,
  ],
  'deployments.apps': [named, ready, aged],
  'replicasets.apps': [named, ready, aged],
  'statefulsets.apps': [named, ready, aged],
  services: [
    named,
    column('Type', (service) => text(service, 'spec', 'type')),
    column('Cluster-IP', (service) => text(service, 'spec', 'clusterIP') || '<none>'),
    column('Port(s)', (service) =>
      objectsIn(at(service, 'spec', 'ports'))
        .map((port) => `${scalarText(port['port'])}/${scalarText(port['protocol'])}`)
        .join(','),
    ),
    aged,
  ],
};

/** The columns of a resource. */
export function columnsOf(resource: string): readonly Column[] {
  return columns[resource] ?? plain;
}
