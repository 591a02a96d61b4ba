import { asArray, asObject, asString, at, objectsIn, scalarText } from '../../json.js';
import type { KubeObject } from '../../objects.js';
import type { Column } from './column.js';
import { ageColumn, column, joined, labelText, nameColumn } from './column.js';
import { age } from './duration.js';
import { claimColumns, classColumns, volumeColumns } from './storage-columns.js';
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

function nodeStatus(node: KubeObject): string {
  const ready = objectsIn(at(node, 'status', 'conditions')).find((item) => item['type'] === 'Ready');
  const status = ready?.['status'] === 'True' ? 'Ready' : 'NotReady';
  return at(node, 'spec', 'unschedulable') === true ? `${status},SchedulingDisabled` : status;
}

const nodeColumns: readonly Column[] = [
  nameColumn,
  column('Status', nodeStatus),
  column('Roles', (node) => {
    const prefix = 'node-role.kubernetes.io/';
    const roles = Object.keys(node.metadata.labels ?? {}).filter((label) => label.startsWith(prefix));
    return roles.map((label) => label.slice(prefix.length)).join(',') || '<none>';
  }),
  ageColumn,
  column('Version', (node) => text(node, 'status', 'nodeInfo', 'kubeletVersion')),
  column(
    'Internal-IP',
    (node) =>
      asString(
        objectsIn(at(node, 'status', 'addresses')).find((item) => item['type'] === 'InternalIP')?.['address'],
      ) ?? '<none>',
    true,
  ),
  column('External-IP', () => '<none>', true),
  column('OS-Image', (node) => text(node, 'status', 'nodeInfo', 'osImage'), true),
  column('Kernel-Version', (node) => text(node, 'status', 'nodeInfo', 'kernelVersion'), true),
  column('Container-Runtime', (node) => text(node, 'status', 'nodeInfo', 'containerRuntimeVersion'), true),
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
  nodes: nodeColumns,
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
  serviceaccounts: [
    nameColumn,
    column('Secrets', (object) => objectsIn(object['secrets']).length),
    ageColumn,
  ],
  persistentvolumeclaims: claimColumns,
  persistentvolumes: volumeColumns,
  'storageclasses.storage.k8s.io': classColumns,
  'controllerrevisions.apps': [
    nameColumn,
    column('Controller', ({ metadata }) => {
      const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
      const [group = '', version] = owner?.apiVersion.split('/') ?? [];
      const kind = `${owner?.kind.toLowerCase()}${version === undefined ? '' : `.${group}`}`;
      return owner === undefined ? '<none>' : `${kind}/${owner.name}`;
    }),
    column('Revision', (object) => Number(object['revision'] ?? 0)),
    ageColumn,
  ],
  'endpointslices.discovery.k8s.io': [
    nameColumn,
    column('AddressType', (object) => text(object, 'addressType')),
    column('Ports', (object) => joined(object['ports'], 'port') || '<unset>'),
    column(
      'Endpoints',
      (object) =>
        objectsIn(object['endpoints'])
          .flatMap((endpoint) => asArray(endpoint['addresses']))
          .join(',') || '<unset>',
    ),
    ageColumn,
  ],
  'leases.coordination.k8s.io': [
    nameColumn,
    column('Holder', (object) => text(object, 'spec', 'holderIdentity')),
    ageColumn,
  ],
  resourcequotas: [
    nameColumn,
    column('Request', (object) => quota(object, false)),
    column('Limit', (object) => quota(object, true)),
    ageColumn,
  ],
  'networkpolicies.networking.k8s.io': [
    nameColumn,
    column('Pod-Selector', (object) => labelText(at(object, 'spec', 'podSelector', 'matchLabels'))),
    ageColumn,
  ],
  'horizontalpodautoscalers.autoscaling': [
    nameColumn,
    column(
      'Reference',
      (object) =>
        `${text(object, 'spec', 'scaleTargetRef', 'kind')}/${text(object, 'spec', 'scaleTargetRef', 'name')}`,
    ),
    column('Targets', targets),
    column('MinPods', (object) => scalarText(at(object, 'spec', 'minReplicas') ?? '<unset>')),
    column('MaxPods', (object) => Number(at(object, 'spec', 'maxReplicas') ?? 0)),
    column('Replicas', (object) => Number(at(object, 'status', 'currentReplicas') ?? 0)),
    ageColumn,
  ],
  'rolebindings.rbac.authorization.k8s.io': [
    nameColumn,
    column('Role', (object) => `${text(object, 'roleRef', 'kind')}/${text(object, 'roleRef', 'name')}`),
    ageColumn,
  ],
};

/** `cpu: <unknown>/70%`: nobody measures here. */
function targets(autoscaler: KubeObject): string {
  const known = objectsIn(at(autoscaler, 'spec', 'metrics')).map(({ resource }) => {
    const target = at(resource, 'target');
    const share = at(target, 'averageUtilization');
    const wanted = share === undefined ? scalarText(at(target, 'averageValue')) : `${scalarText(share)}%`;
    return `${scalarText(at(resource, 'name'))}: <unknown>/${wanted}`;
  });
  return known.join(', ') || '<none>';
}

/** `pods: 1/4, requests.cpu: 0/1`. */
function quota(object: KubeObject, limits: boolean): string {
  const used = asObject(at(object, 'status', 'used'));
  return Object.entries(asObject(at(object, 'spec', 'hard')))
    .filter(([key]) => key.startsWith('limits.') === limits)
    .map(([key, hard]) => `${key}: ${scalarText(used[key] ?? 0)}/${scalarText(hard)}`)
    .join(', ');
}

/** The columns of a resource. */
export function columnsOf(resource: string): readonly Column[] {
  return columns[resource] ?? plain;
}
