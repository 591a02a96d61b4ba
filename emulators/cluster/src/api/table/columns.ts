import { asArray, asObject, asString, at, objectsIn, scalarText } from '../../json.js';
import type { KubeObject } from '../../objects.js';
import type { Column } from './column.js';
import { ageColumn, column, labelText, nameColumn } from './column.js';
import { age } from './duration.js';
import {
  cronJobColumns,
  deploymentColumns,
  jobColumns,
  podColumns,
  replicaSetColumns,
  statefulSetColumns,
} from './workload-columns.js';

function text(object: KubeObject, ...path: string[]): string {
  return asString(at(object, ...path)) ?? '';
}

function size(value: unknown): number {
  return Object.keys(asObject(value)).length;
}

function ports(service: KubeObject): string {
  const list = objectsIn(at(service, 'spec', 'ports')).map((port) => {
    const node = port['nodePort'] === undefined ? '' : `:${scalarText(port['nodePort'])}`;
    return `${scalarText(port['port'])}${node}/${scalarText(port['protocol'])}`;
  });
  return list.length === 0 ? '<none>' : list.join(',');
}

function lastSeen(event: KubeObject): unknown {
  return (
    at(event, 'series', 'lastObservedTime') ??
    event['lastTimestamp'] ??
    event['eventTime'] ??
    event.metadata.creationTimestamp
  );
}

function eventSource(event: KubeObject): string {
  const component = text(event, 'source', 'component') || text(event, 'reportingComponent');
  const host = text(event, 'source', 'host') || text(event, 'reportingInstance');
  return host === '' ? component : `${component}, ${host}`;
}

const eventColumns: readonly Column[] = [
  column('Last Seen', (event) => age(lastSeen(event))),
  column('Type', (event) => text(event, 'type')),
  column('Reason', (event) => text(event, 'reason')),
  column(
    'Object',
    (event) =>
      `${text(event, 'involvedObject', 'kind').toLowerCase()}/${text(event, 'involvedObject', 'name')}`,
  ),
  column('Subobject', (event) => text(event, 'involvedObject', 'fieldPath'), true),
  column('Source', eventSource, true),
  column('Message', (event) => text(event, 'message').trim()),
  column('First Seen', (event) => age(event['firstTimestamp'] ?? lastSeen(event)), true),
  column('Count', (event) => Number(event['count'] ?? 1), true),
  { ...nameColumn, wide: true },
];

const plain: readonly Column[] = [nameColumn, ageColumn];

/** Columns by `plural.group`; what is not here shows name and age. */
const columns: Readonly<Record<string, readonly Column[]>> = {
  pods: podColumns,
  'jobs.batch': jobColumns,
  'cronjobs.batch': cronJobColumns,
  'deployments.apps': deploymentColumns,
  'replicasets.apps': replicaSetColumns,
  'statefulsets.apps': statefulSetColumns,
  events: eventColumns,
  namespaces: [nameColumn, column('Status', (object) => text(object, 'status', 'phase')), ageColumn],
  configmaps: [
    nameColumn,
    column('Data', (object) => size(object['data']) + size(object['binaryData'])),
    ageColumn,
  ],
  secrets: [
    nameColumn,
    column('Type', (object) => text(object, 'type')),
    column('Data', (object) => size(object['data'])),
    ageColumn,
  ],
  services: [
    nameColumn,
    column('Type', (object) => text(object, 'spec', 'type')),
    column('Cluster-IP', (object) => text(object, 'spec', 'clusterIP') || '<none>'),
    column('External-IP', (object) => asArray(at(object, 'spec', 'externalIPs')).join(',') || '<none>'),
    column('Port(s)', ports),
    ageColumn,
    column('Selector', (object) => labelText(at(object, 'spec', 'selector')), true),
  ],
};

/** The columns of a resource. */
export function columnsOf(resource: string): readonly Column[] {
  return columns[resource] ?? plain;
}
