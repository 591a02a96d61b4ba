import { until } from '@cloudemy/testing';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ClusterAdmission } from '../../admission/cluster-admission.js';
import { fillCluster, NamespaceDefaults } from '../../bootstrap.js';
import type { Kubelet } from '../../kubelet/index.js';
import { createKubelet } from '../../kubelet/index.js';
import { GarbageCollector } from '../../store/garbage-collector.js';
import { Registry } from '../../store/registry.js';
import { createControllers } from '../index.js';
import { scaledTiming } from '../timing.js';
import { isClaim, isVolume } from '../volume/types.js';
import { isStatefulSet } from './types.js';

const timing = scaledTiming(0.02);
let folder: string;
let registry: Registry;
let kubelet: Kubelet;
let parts: { close(): void }[];
/** Pods as they came and went. */
let history: string[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'stateful-set-'));
  registry = new Registry((store) => new ClusterAdmission(store));
  parts = [new GarbageCollector(registry), new NamespaceDefaults(registry)];
  fillCluster(registry);
  kubelet = await createKubelet({ store: registry, timing, root: join(folder, 'node') });
  parts.push(
    createControllers({
      store: registry,
      nodeName: kubelet.node.name,
      timing,
      volumesFolder: join(folder, 'volumes'),
    }),
  );
  history = [];
  registry.subscribe(({ resource, type, object }) => {
    if (resource === 'pods' && type !== 'MODIFIED') {
      history.push(`${type === 'ADDED' ? '+' : '-'}${object.metadata.name}`);
    }
  });
});

afterEach(async () => {
  for (const part of parts) {
    part.close();
  }
  await kubelet.close();
  rmSync(folder, { recursive: true, force: true });
});

function create(greeting: string): void {
  registry.create('statefulsets.apps', {
    metadata: { name: 'db', namespace: 'default' },
    spec: {
      replicas: 2,
      serviceName: 'db',
      selector: { matchLabels: { app: 'db' } },
      template: {
        metadata: { labels: { app: 'db' } },
        spec: {
          containers: [
            {
              name: 'main',
              image: 'busybox',
              env: [{ name: 'GREETING', value: greeting }],
              // Where a pod has no view of its own, it is told where the volume is.
              command: [
                'sh',
                '-c',
                'trap "exit 0" TERM; cd "${MOUNT__DATA:-/data}"; echo "$GREETING $HOSTNAME" >>said; while :; do sleep 0.02; done',
              ],
              volumeMounts: [{ name: 'data', mountPath: '/data' }],
            },
          ],
        },
      },
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
        },
      ],
    },
  });
}

function statefulSet() {
  const set = registry.get('statefulsets.apps', 'default', 'db');
  if (!isStatefulSet(set)) {
    throw new Error('no set');
  }
  return set;
}

/** What the pods of this name have written down on their volume. */
function saidBy(pod: string): string {
  const claim = registry.get('persistentvolumeclaims', 'default', `data-${pod}`);
  const volume = registry.get(
    'persistentvolumes',
    undefined,
    (isClaim(claim) && claim.spec.volumeName) || '',
  );
  return isVolume(volume) ? readFileSync(join(volume.spec.hostPath?.path ?? '', 'said'), 'utf8') : '';
}

/** Waits until all pods are of the revision of the set's template. */
const settled = () =>
  until(() => {
    const { metadata, spec, status } = statefulSet();
    return (
      status?.observedGeneration === metadata.generation &&
      status?.updatedReplicas === spec.replicas &&
      status?.readyReplicas === spec.replicas &&
      status
    );
  });

test('pods start in order, update from the last, and find their data again; claims outlive them', async () => {
  create('one');
  const first = await settled();
  expect(history).toEqual(['+db-0', '+db-1']);
  expect(first).toMatchObject({
    replicas: 2,
    readyReplicas: 2,
    availableReplicas: 2,
    updatedReplicas: 2,
  });
  expect(registry.get('pods', 'default', 'db-1')).toMatchObject({
    metadata: {
      labels: {
        'apps.kubernetes.io/pod-index': '1',
        'controller-revision-hash': first.updateRevision,
        'statefulset.kubernetes.io/pod-name': 'db-1',
      },
    },
    spec: { hostname: 'db-1', subdomain: 'db' },
  });
  registry.update('statefulsets.apps', 'default', 'db', (draft) => {
    if (isStatefulSet(draft)) {
      draft.spec.template.spec.containers.forEach((container) => {
        container.env = [{ name: 'GREETING', value: 'two' }];
      });
    }
  });
  const second = await settled();
  expect(second.updateRevision).not.toBe(first.updateRevision);
  expect(history.slice(2)).toEqual(['-db-1', '+db-1', '-db-0', '+db-0']);
  await until(() => saidBy('db-1') === 'one db-1\ntwo db-1\n');
  registry.delete('statefulsets.apps', 'default', 'db');
  await until(() => registry.list('pods').length === 0);
  expect(
    registry.list('persistentvolumeclaims').map(({ metadata, status }) => [metadata.name, status]),
  ).toEqual(['data-db-0', 'data-db-1'].map((name) => [name, expect.objectContaining({ phase: 'Bound' })]));
});
