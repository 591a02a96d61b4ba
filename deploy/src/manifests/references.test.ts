// What one object says of another holds: selectors find pods, names lead somewhere, ports are there.
import type { UnknownObject } from '@cloudemy/k8s';
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { readVariants } from '../testing/manifests.js';
import { type Workload, describeObject, isConfigMap, isWorkload } from './objects.js';
import { referencesOf } from './roll-on-change.js';

/** Secrets that `npm run deploy` makes in the namespace of the services, with their keys. */
const rotated = [
  'service-token',
  'result-token-secret',
  'auth-secret',
  'redis-password',
  'redis-deployer-password',
  'redis-runner-password',
];
const secrets = new Map([
  [
    'cloudemy-internal',
    [
      ...rotated,
      ...rotated.map((key) => `${key}-previous`),
      'record-key-secret',
      'receipt-key-secret',
      'admin-password',
      'mongo-root-password',
      'mongo-password',
    ],
  ],
  ['cloudemy-redis-users', ['users.acl']],
  // Made by whoever has a client with a secret at their provider.
  ['cloudemy-oidc', ['client-secret']],
]);
const optionalConfigMaps = ['llm-endpoint'];

const Labels = z.record(z.string(), z.string());
const Selector = z.object({
  matchLabels: Labels.optional(),
  matchExpressions: z
    .array(z.object({ key: z.string(), operator: z.literal('In'), values: z.array(z.string()) }))
    .optional(),
});
const Port = z.object({ name: z.string().optional(), containerPort: z.int() });
const Probed = z.object({
  ports: z.array(Port),
  startupProbe: z.unknown().optional(),
  livenessProbe: z.unknown().optional(),
  readinessProbe: z.unknown().optional(),
  volumeMounts: z.array(z.object({ name: z.string() })),
});
const ServiceSpec = z.object({
  selector: Labels,
  ports: z.array(z.object({ port: z.int(), targetPort: z.int() })),
});
const Peer = z.object({
  podSelector: Selector.optional(),
  namespaceSelector: Selector.optional(),
  ipBlock: z.unknown().optional(),
});
const PolicySpec = z.object({
  podSelector: Selector,
  ingress: z.array(z.object({ from: z.array(Peer).optional() })).optional(),
  egress: z.array(z.object({ to: z.array(Peer).optional() })).optional(),
});

/** Namespaces that a cluster has of itself, or that somebody else makes. */
const foreignNamespaces = ['kube-system', 'openshift-dns', 'monitoring', 'default'];
/** Pods that no workload of these manifests makes. */
const otherApps = ['smoke-test'];

const podLabels = ({ spec }: Workload): Record<string, string> => spec.template.metadata.labels ?? {};

/** Values of the label `app` that a selector asks for. */
function appsOf({ matchLabels = {}, matchExpressions = [] }: z.output<typeof Selector>): string[] {
  const expressed = matchExpressions.filter(({ key }) => key === 'app').flatMap(({ values }) => values);
  return matchLabels['app'] === undefined ? expressed : [...expressed, matchLabels['app']];
}

function namespacesOf({ matchLabels = {}, matchExpressions = [] }: z.output<typeof Selector>): string[] {
  return [
    ...Object.values(matchLabels),
    ...matchExpressions.flatMap(({ key, values }) => (key === 'kubernetes.io/metadata.name' ? values : [])),
  ];
}

describe.each(await readVariants())('%s', (_name, objects) => {
  const workloads = objects.filter(isWorkload);
  const namespaces = objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name);
  const apps = [...workloads.map((workload) => podLabels(workload)['app']), ...otherApps];
  const exists = (kind: string, namespace: string | undefined, name: string): boolean =>
    objects.some(
      (object) =>
        object.kind === kind && object.metadata.name === name && object.metadata.namespace === namespace,
    );

  test('no object is there twice, and all are labelled as ours', () => {
    const names = objects.map(describeObject);
    expect(new Set(names).size).toBe(names.length);
    for (const { metadata } of objects) {
      expect(metadata.labels).toMatchObject({ 'app.kubernetes.io/part-of': 'cloudemy' });
    }
  });

  test('namespaces are there', () => {
    const used = objects.flatMap(({ metadata }) => metadata.namespace ?? []);
    expect(used.filter((name) => ![...namespaces, 'default'].includes(name))).toEqual([]);
  });

  test.each(workloads.map((workload) => [describeObject(workload), workload] as const))(
    '%s reads what is there, and is probed on its own ports',
    (_workload, workload) => {
      const { template, selector } = workload.spec;
      expect(podLabels(workload)).toMatchObject(selector.matchLabels);
      const { namespace } = workload.metadata;
      for (const [kind, name] of referencesOf(template)) {
        if (kind === 'Secret' || optionalConfigMaps.includes(name)) continue;
        expect([name, exists('ConfigMap', namespace, name)]).toEqual([name, true]);
      }
      for (const { valueFrom } of template.spec.containers.flatMap(({ env = [] }) => env)) {
        const reference = valueFrom?.secretKeyRef;
        if (reference === undefined) continue;
        expect(secrets.get(reference.name)).toContain(reference.key);
      }
      for (const { secret } of template.spec.volumes ?? []) {
        if (secret === undefined) continue;
        const known = secrets.get(secret.secretName);
        expect(known).toEqual(expect.arrayContaining((secret.items ?? []).map(({ key }) => key)));
      }
      const account = template.spec.serviceAccountName ?? 'default';
      if (account !== 'default') expect(exists('ServiceAccount', namespace, account)).toBe(true);
      const volumes = [
        ...(template.spec.volumes ?? []).map(({ name }) => name),
        ...(workload.spec.volumeClaimTemplates ?? []).map(({ metadata }) => metadata.name),
      ];
      for (const container of template.spec.containers) {
        const { ports, volumeMounts, ...probes } = Probed.parse(container);
        const names = ports.flatMap(({ name }) => name ?? []);
        for (const [, probed] of JSON.stringify(probes).matchAll(/"port":"([^"]+)"/g)) {
          expect(names).toContain(probed);
        }
        expect(volumes).toEqual(expect.arrayContaining(volumeMounts.map(({ name }) => name)));
      }
    },
  );

  test('Services and disruption budgets find pods, and Services their ports', () => {
    for (const object of objects.filter(({ kind }) => kind === 'Service')) {
      const { selector, ports } = ServiceSpec.parse(object['spec']);
      const [app = ''] = appsOf({ matchLabels: selector });
      expect(apps).toContain(app);
      const found = workloads.find((workload) => podLabels(workload)['app'] === app);
      const open = (found?.spec.template.spec.containers ?? []).flatMap(
        (container) => Probed.parse(container).ports,
      );
      for (const { targetPort } of ports) {
        expect(open.map(({ containerPort }) => containerPort)).toContain(targetPort);
      }
    }
    for (const object of objects.filter(({ kind }) => kind === 'PodDisruptionBudget')) {
      const { selector } = z.object({ selector: Selector }).parse(object['spec']);
      expect(apps).toEqual(expect.arrayContaining(appsOf(selector)));
    }
  });

  test('network policies name pods and namespaces that there are', () => {
    for (const object of objects.filter(({ kind }) => kind === 'NetworkPolicy')) {
      const { podSelector, ingress = [], egress = [] } = PolicySpec.parse(object['spec']);
      const peers = [...ingress.flatMap(({ from = [] }) => from), ...egress.flatMap(({ to = [] }) => to)];
      const selectors = [podSelector, ...peers.flatMap((peer) => peer.podSelector ?? [])];
      expect(apps).toEqual(expect.arrayContaining(selectors.flatMap(appsOf)));
      const named = peers.flatMap((peer) => peer.namespaceSelector ?? []).flatMap(namespacesOf);
      expect([...namespaces, ...foreignNamespaces]).toEqual(expect.arrayContaining(named));
    }
  });

  test('bindings lead to roles and accounts', () => {
    const Binding = z.object({
      roleRef: z.object({ kind: z.string(), name: z.string() }),
      subjects: z.array(z.object({ name: z.string(), namespace: z.string() })),
    });
    for (const object of objects.filter(({ kind }) => kind === 'RoleBinding')) {
      const { roleRef, subjects } = Binding.parse(object);
      const where = roleRef.kind === 'Role' ? object.metadata.namespace : undefined;
      expect(exists(roleRef.kind, where, roleRef.name)).toBe(true);
      for (const { name, namespace } of subjects) {
        expect(exists('ServiceAccount', namespace, name)).toBe(true);
      }
    }
  });

  test('pods have the time their services need to end', () => {
    for (const workload of workloads.filter(readsShutdownTimeout)) {
      const seconds = Number(settingsOf(objects, workload)['SHUTDOWN_TIMEOUT_MS']) / 1_000;
      const [container] = workload.spec.template.spec.containers;
      const Stop = z.object({
        lifecycle: z.object({ preStop: z.object({ sleep: z.object({ seconds: z.number() }) }) }).optional(),
      });
      const pause = Stop.parse(container).lifecycle?.preStop.sleep.seconds ?? 0;
      const { terminationGracePeriodSeconds: grace } = z
        .object({ terminationGracePeriodSeconds: z.number() })
        .parse(workload.spec.template.spec);
      expect(grace).toBeGreaterThan(pause + seconds);
    }
  });

  const settingsOf = (all: readonly UnknownObject[], { spec }: Workload): Record<string, string> => {
    const names = referencesOf(spec.template).map(([, name]) => name);
    const maps = all.filter(isConfigMap).filter(({ metadata }) => names.includes(metadata.name ?? ''));
    return Object.assign({}, ...maps.map(({ data }) => data));
  };
  const readsShutdownTimeout = (workload: Workload): boolean =>
    settingsOf(objects, workload)['SHUTDOWN_TIMEOUT_MS'] !== undefined;
});
