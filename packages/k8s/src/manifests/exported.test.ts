import { expect, test } from '@jest/globals';
import { checkPolicy } from '../policy/check-policy.js';
import { DEFAULT_POLICY } from '../policy/policy.js';
import { withoutExported } from './exported.js';

const metadata = {
  name: 'x',
  namespace: 'default',
  uid: '0b3c',
  resourceVersion: '17',
  generation: 1,
  creationTimestamp: '2026-01-01T00:00:00Z',
  managedFields: [{ manager: 'kubectl' }],
  annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}', note: 'mine' },
};
const controlled = { 'batch.kubernetes.io/job-name': 'x', 'controller-uid': '0b3c', 'job-name': 'x' };

const EXPORTED = {
  Job: {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { ...metadata, labels: { app: 'bench', ...controlled } },
    spec: {
      selector: { matchLabels: controlled },
      template: {
        metadata: { creationTimestamp: null, labels: controlled },
        spec: { containers: [{ name: 'a', image: 'busybox' }], schedulerName: 'default-scheduler' },
      },
    },
    status: { active: 1 },
  },
  Service: {
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: { clusterIP: '10.96.1.2', clusterIPs: ['10.96.1.2'], type: 'ClusterIP' },
    status: { loadBalancer: {} },
  },
  PersistentVolumeClaim: {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      ...metadata,
      annotations: { 'pv.kubernetes.io/bind-completed': 'yes' },
      finalizers: ['kubernetes.io/pvc-protection'],
    },
    spec: { volumeName: 'pvc-0b3c' },
    status: { phase: 'Bound' },
  },
  Pod: {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata,
    spec: {
      nodeName: 'node-1',
      containers: [
        { name: 'a', volumeMounts: [{ name: 'kube-api-access-x' }, { name: 'data', mountPath: '/data' }] },
      ],
      volumes: [
        { name: 'data', emptyDir: {} },
        { name: 'kube-api-access-x', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } },
      ],
      tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' }],
    },
    status: { phase: 'Running' },
  },
};

test.each(Object.entries(EXPORTED))('a %s as kubectl prints it can be deployed', (_kind, object) => {
  expect(checkPolicy(object, DEFAULT_POLICY, 'default')).not.toEqual([]);
  const before = structuredClone(object);
  const { object: cleaned, removed } = withoutExported(object);
  expect(checkPolicy(cleaned, DEFAULT_POLICY, 'default')).toEqual([]);
  expect(cleaned['status']).toBeUndefined();
  expect(removed).toEqual(expect.arrayContaining(['status', 'metadata.uid', 'metadata.resourceVersion']));
  expect(object).toEqual(before);
});

test('what the user set stays', () => {
  expect(withoutExported(EXPORTED.Job).object.metadata).toMatchObject({
    name: 'x',
    labels: { app: 'bench' },
    annotations: { note: 'mine' },
  });
  expect(JSON.stringify(withoutExported(EXPORTED.Pod).object)).toContain('"mountPath":"/data"');
});

test('an object that comes from no cluster is left as it is, odd as it may be', () => {
  const { uid, resourceVersion, generation, managedFields, ...own } = metadata;
  const object = { ...EXPORTED.Job, metadata: own };
  expect(withoutExported(object)).toEqual({ object, removed: [] });
  const printed = { ...object, metadata: { name: 'x' }, status: {} };
  expect(withoutExported(printed).removed).toEqual([]);
});

test('what belongs to another object is not made to look as if it did not', () => {
  const ownerReferences = [{ apiVersion: 'batch/v1', kind: 'Job', name: 'j', uid: 'u' }];
  const owned = { ...EXPORTED.Pod, metadata: { ...metadata, ownerReferences, finalizers: ['a.b/c'] } };
  const { object } = withoutExported(owned);
  expect(checkPolicy(object, DEFAULT_POLICY, 'default').map(({ field }) => field)).toEqual([
    'metadata.ownerReferences',
    'metadata.finalizers',
  ]);
});
