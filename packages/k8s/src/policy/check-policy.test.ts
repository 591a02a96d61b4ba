import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ObjectMeta, UnknownObject } from '../objects/types.js';
import { checkPolicy } from './check-policy.js';
import { CHECKED_KINDS, DEFAULT_POLICY, matches, type Policy } from './policy.js';

const ANYTHING: Policy = { ...DEFAULT_POLICY, kinds: ['*'] };

type Wrap = (template: object) => { apiVersion: string; kind: string } & Record<string, unknown>;

/** Every kind of Kubernetes that carries pods, around a pod template; and one nobody knows. */
const KINDS: Record<string, Wrap> = {
  Pod: (template) => ({ apiVersion: 'v1', kind: 'Pod', ...template }),
  PodTemplate: (template) => ({ apiVersion: 'v1', kind: 'PodTemplate', template }),
  ReplicationController: (template) => ({
    apiVersion: 'v1',
    kind: 'ReplicationController',
    spec: { template },
  }),
  ReplicaSet: (template) => ({ apiVersion: 'apps/v1', kind: 'ReplicaSet', spec: { template } }),
  Deployment: (template) => ({ apiVersion: 'apps/v1', kind: 'Deployment', spec: { template } }),
  StatefulSet: (template) => ({ apiVersion: 'apps/v1', kind: 'StatefulSet', spec: { template } }),
  DaemonSet: (template) => ({ apiVersion: 'apps/v1', kind: 'DaemonSet', spec: { template } }),
  Job: (template) => ({ apiVersion: 'batch/v1', kind: 'Job', spec: { template } }),
  CronJob: (template) => ({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    spec: { jobTemplate: { spec: { template } } },
  }),
  Unknown: (template) => ({
    apiVersion: 'example.com/v1',
    kind: 'Training',
    spec: { workers: [{ nested: template }] },
  }),
};

/** What may stand in a container, and the rule that must catch it. */
const IN_CONTAINER: Record<string, [object, string]> = {
  privileged: [{ securityContext: { privileged: true } }, 'privileged'],
  privilegedAsText: [{ securityContext: { privileged: 'true' } }, 'privileged'],
  capability: [
    { securityContext: { capabilities: { add: ['NET_BIND_SERVICE', 'SYS_ADMIN'] } } },
    'capabilities',
  ],
  allCapabilities: [{ securityContext: { capabilities: { add: ['ALL'] } } }, 'capabilities'],
  procMount: [{ securityContext: { procMount: 'Unmasked' } }, 'proc_mount'],
  seccomp: [{ securityContext: { seccompProfile: { type: 'Unconfined' } } }, 'seccomp'],
  appArmor: [{ securityContext: { appArmorProfile: { type: 'Unconfined' } } }, 'apparmor'],
  selinuxType: [{ securityContext: { seLinuxOptions: { type: 'spc_t' } } }, 'selinux'],
  selinuxRole: [{ securityContext: { seLinuxOptions: { role: 'system_r' } } }, 'selinux'],
  hostProcess: [{ securityContext: { windowsOptions: { hostProcess: true } } }, 'windows_host_process'],
  hostPort: [{ ports: [{ containerPort: 1 }, { containerPort: 80, hostPort: 80 }] }, 'host_port'],
  probe: [{ livenessProbe: { httpGet: { host: '169.254.169.254', port: 80 } } }, 'probe_host'],
  device: [{ resources: { limits: { cpu: 1, 'smarter-devices/fuse': 1 } } }, 'device'],
  localAppArmor: [
    { securityContext: { appArmorProfile: { type: 'Localhost', localhostProfile: 'open' } } },
    'apparmor',
  ],
  probeGracePeriod: [{ livenessProbe: { terminationGracePeriodSeconds: 86_400 } }, 'grace_period'],
  hook: [{ lifecycle: { preStop: { tcpSocket: { host: 'mongo', port: 1 } } } }, 'probe_host'],
};

const IN_POD: Record<string, [object, string]> = {
  hostNetwork: [{ hostNetwork: true }, 'host_namespace'],
  hostPID: [{ hostPID: true }, 'host_namespace'],
  hostIPC: [{ hostIPC: true }, 'host_namespace'],
  hostUsers: [{ hostUsers: true }, 'host_namespace'],
  hostPath: [
    {
      volumes: [
        { name: 'a', emptyDir: {} },
        { name: 'b', hostPath: { path: '/' } },
      ],
    },
    'host_path',
  ],
  nfs: [{ volumes: [{ name: 'a', nfs: { server: 'x', path: '/' } }] }, 'volume_type'],
  projectedToken: [
    { volumes: [{ name: 'a', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }] },
    'service_account_token',
  ],
  sysctl: [{ securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } }, 'sysctl'],
  podSeccomp: [{ securityContext: { seccompProfile: { type: 'Unconfined' } } }, 'seccomp'],
  serviceAccount: [{ serviceAccountName: 'admin' }, 'service_account'],
  oldServiceAccount: [{ serviceAccount: 'admin' }, 'service_account'],
  token: [{ automountServiceAccountToken: true }, 'service_account_token'],
  nodeName: [{ nodeName: 'node-1' }, 'node_choice'],
  nodeSelector: [{ nodeSelector: { 'node-role.kubernetes.io/control-plane': '' } }, 'node_choice'],
  toleration: [
    { tolerations: [{ key: 'node-role.kubernetes.io/master', operator: 'Exists' }] },
    'node_choice',
  ],
  tolerateAll: [{ tolerations: [{ operator: 'Exists' }] }, 'node_choice'],
  affinity: [
    {
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [
              { matchExpressions: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' }] },
            ],
          },
        },
      },
    },
    'node_choice',
  ],
  priority: [{ priorityClassName: 'system-node-critical' }, 'priority_class'],
  priorityAboveOthers: [{ priorityClassName: 'cloudemy-services' }, 'priority_class'],
  runtime: [{ runtimeClassName: 'unsafe' }, 'runtime_class'],
  hostname: [{ nodeSelector: { 'kubernetes.io/hostname': 'node-1' } }, 'node_choice'],
  nodeByField: [
    {
      affinity: {
        nodeAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            { preference: { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node-1'] }] } },
          ],
        },
      },
    },
    'node_choice',
  ],
  tolerateEtcd: [{ tolerations: [{ key: 'node-role.kubernetes.io/etcd' }] }, 'node_choice'],
  tolerateAddons: [{ tolerations: [{ key: 'CriticalAddonsOnly', operator: 'Exists' }] }, 'node_choice'],
  tolerateDrained: [{ tolerations: [{ key: 'node.kubernetes.io/unschedulable' }] }, 'node_choice'],
  scheduler: [{ schedulerName: 'mine' }, 'scheduler'],
  deviceClaim: [{ resourceClaims: [{ name: 'd', resourceClaimTemplateName: 'fpga' }] }, 'device'],
  podDevice: [{ resources: { requests: { 'example.com/fpga': 1 } } }, 'device'],
  localSeccomp: [
    { securityContext: { seccompProfile: { type: 'Localhost', localhostProfile: 'open.json' } } },
    'seccomp',
  ],
  gracePeriod: [{ terminationGracePeriodSeconds: 2_000_000 }, 'grace_period'],
  gracePeriodAsText: [{ terminationGracePeriodSeconds: '301' }, 'grace_period'],
};

function make(kind: keyof typeof KINDS, spec: object, metadata: object = {}): UnknownObject {
  const wrap = KINDS[kind];
  if (wrap === undefined) throw new Error(`no such kind: ${kind}`);
  const object = wrap({ metadata, spec });
  return { ...object, metadata: { name: 'x', ...(kind === 'Pod' ? metadata : {}) } };
}

function rulesOf(object: UnknownObject, policy: Policy = ANYTHING): string[] {
  return checkPolicy(object, policy, 'default').map(({ rule }) => rule);
}

const CLEAN = { containers: [{ name: 'main', image: 'busybox', ports: [{ containerPort: 80 }] }] };

describe('checkPolicy', () => {
  it('lets an ordinary object of every kind pass', () => {
    for (const kind of Object.keys(KINDS)) expect([kind, rulesOf(make(kind, CLEAN))]).toEqual([kind, []]);
  });

  it('finds every dangerous container field, in any kind, list and place', () => {
    const lists = ['containers', 'initContainers', 'ephemeralContainers'];
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.keys(KINDS)),
        fc.constantFrom(...lists),
        fc.constantFrom(...Object.keys(IN_CONTAINER)),
        fc.nat(3),
        fc.nat(3),
        (kind, list, name, before, after) => {
          const [danger = {}, rule] = IN_CONTAINER[name] ?? [];
          const harmless = (i: number) => ({
            name: `c${i}`,
            image: 'a',
            securityContext: { privileged: false },
          });
          const items = [
            ...Array.from({ length: before }, (_, i) => harmless(i)),
            { name: 'bad', image: 'a', ...danger },
            ...Array.from({ length: after }, (_, i) => harmless(i + 10)),
          ];
          const findings = checkPolicy(make(kind, { ...CLEAN, [list]: items }), ANYTHING, 'default');
          expect(findings.map((finding) => finding.rule)).toContain(rule);
          expect(findings.every(({ field }) => field.includes(`${list}[${before}]`))).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('finds every dangerous pod field in any kind', () => {
    for (const kind of Object.keys(KINDS)) {
      for (const [name, [danger, rule]] of Object.entries(IN_POD)) {
        expect([kind, name, rulesOf(make(kind, { ...CLEAN, ...danger }))]).toEqual([kind, name, [rule]]);
      }
    }
  });

  it('names the field and what to do', () => {
    const [finding] = checkPolicy(make('CronJob', { ...CLEAN, hostNetwork: true }), ANYTHING, 'default');
    expect(finding).toMatchObject({
      field: 'spec.jobTemplate.spec.template.spec.hostNetwork',
      message: expect.stringContaining('hostNetwork'),
      remedy: 'remove it',
    });
  });

  it('takes containers given as an object for what they would be', () => {
    const object = make('Job', { containers: { a: { securityContext: { privileged: true } } } });
    expect(rulesOf(object)).toEqual(['privileged']);
  });

  it('allows only listed kinds and namespaces', () => {
    const object = make('DaemonSet', CLEAN);
    expect(rulesOf(object, DEFAULT_POLICY)).toEqual(['kind']);
    expect(rulesOf(object, { ...DEFAULT_POLICY, kinds: ['*.apps'] })).toEqual([]);
    expect(checkPolicy(object, ANYTHING, 'kube-system').map(({ rule }) => rule)).toEqual(['namespace']);
    const elsewhere = { ...object, metadata: { name: 'x', namespace: 'other' } };
    expect(rulesOf(elsewhere)).toEqual(['namespace']);
    expect(rulesOf({ ...object, metadata: { name: 'x', namespace: 'default' } })).toEqual([]);
  });

  it('lets nothing be forged', () => {
    const forged: Partial<ObjectMeta>[] = [
      { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u' }] },
      { finalizers: ['a/b'] },
      { labels: { 'cloudemy.io/deployment': 'x' } },
      { annotations: { 'cloudemy.io/owner': 'x' } },
      { labels: { 'batch.kubernetes.io/controller-uid': 'x' } },
    ];
    for (const metadata of forged) {
      expect(rulesOf(make('Pod', CLEAN, metadata))).toEqual(['ownership']);
      expect(rulesOf(make('CronJob', CLEAN, metadata))).toEqual(['ownership']);
      expect(rulesOf({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', ...metadata } })).toEqual([
        'ownership',
      ]);
    }
    expect(rulesOf(make('Job', CLEAN, { labels: { app: 'x' }, finalizers: [] }))).toEqual([]);
  });

  it('takes kinds that are words of JavaScript for what they are: unknown', () => {
    for (const kind of ['constructor', 'toString', 'valueOf', 'hasOwnProperty']) {
      const object = { apiVersion: 'v1', kind, metadata: { name: 'x' }, spec: { hostNetwork: true } };
      expect(rulesOf(object, DEFAULT_POLICY)).toEqual(['kind', 'host_namespace']);
    }
  });

  it('lets nothing pass for a runner, by whichever template it is made', () => {
    const labels = { 'app.kubernetes.io/managed-by': 'cloudemy-scheduler' };
    const cronJob = (jobMetadata: object, podMetadata: object) => ({
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'x' },
      spec: { jobTemplate: { metadata: jobMetadata, spec: { template: { metadata: podMetadata } } } },
    });
    expect(rulesOf(cronJob({ labels }, {}))).toEqual(['ownership']);
    expect(rulesOf(cronJob({}, { labels }))).toEqual(['ownership']);
    expect(rulesOf(cronJob({ labels: { 'app.kubernetes.io/managed-by': 'Helm' } }, {}))).toEqual([]);
  });

  it("keeps the names that are the cluster's and the scheduler's", () => {
    const named = (apiVersion: string, kind: string, metadata: object) =>
      rulesOf({ apiVersion, kind, metadata });
    const runner = `runner-${'0a'.repeat(12)}`;
    expect(named('batch/v1', 'Job', { name: runner })).toEqual(['ownership']);
    expect(named('batch/v1', 'Job', { name: `${runner}-2` })).toEqual(['ownership']);
    expect(named('batch/v1', 'Job', { name: 'runner-benchmark' })).toEqual([]);
    expect(named('v1', 'ConfigMap', { name: 'kube-root-ca.crt' })).toEqual(['ownership']);
    expect(named('v1', 'Service', { name: 'kubernetes' })).toEqual(['ownership']);
    expect(named('v1', 'ConfigMap', { name: 'kubernetes' })).toEqual([]);
  });

  it('lets nothing be forged by way of a volume claim that comes from a template', () => {
    const forged = { metadata: { finalizers: ['a/b'], labels: { 'cloudemy.io/deployment': 'x' } } };
    const set = make('StatefulSet', CLEAN);
    const claims = { ...set, spec: { template: { spec: CLEAN }, volumeClaimTemplates: [{}, forged] } };
    expect(checkPolicy(claims, ANYTHING, 'default').map(({ field }) => field)).toEqual([
      'spec.volumeClaimTemplates[1].metadata.finalizers',
      'spec.volumeClaimTemplates[1].metadata.labels[cloudemy.io/deployment]',
    ]);
    const volumes = [{ name: 'v', ephemeral: { volumeClaimTemplate: forged } }];
    for (const kind of Object.keys(KINDS)) {
      const rules = rulesOf(make(kind, { ...CLEAN, volumes }));
      expect([kind, rules]).toEqual([kind, ['ownership', 'ownership']]);
    }
  });

  it('lets no Job choose pods that others made', () => {
    const selector = { matchLabels: { app: 'somebody-else' } };
    const job = { template: { spec: CLEAN }, manualSelector: true, selector };
    const base = { apiVersion: 'batch/v1', metadata: { name: 'x' } };
    const fields = (object: UnknownObject) =>
      checkPolicy(object, ANYTHING, 'default').map(({ rule, field }) => `${rule} ${field}`);
    expect(fields({ ...base, kind: 'Job', spec: job })).toEqual([
      'ownership spec.manualSelector',
      'ownership spec.selector',
    ]);
    expect(fields({ ...base, kind: 'CronJob', spec: { jobTemplate: { spec: job } } })).toEqual([
      'ownership spec.jobTemplate.spec.manualSelector',
      'ownership spec.jobTemplate.spec.selector',
    ]);
    expect(fields({ ...base, kind: 'Job', spec: { ...job, manualSelector: false, selector: null } })).toEqual(
      [],
    );
  });

  it('reads the annotations of older clusters', () => {
    const apparmor = { 'container.apparmor.security.beta.kubernetes.io/main': 'unconfined' };
    const seccomp = { 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined' };
    expect(rulesOf(make('Job', CLEAN, { annotations: { ...apparmor, ...seccomp } }))).toEqual([
      'apparmor',
      'seccomp',
    ]);
    const local = { 'container.apparmor.security.beta.kubernetes.io/main': 'localhost/open' };
    expect(rulesOf(make('Job', CLEAN, { annotations: local }))).toEqual(['apparmor']);
    const safe = { 'container.apparmor.security.beta.kubernetes.io/main': 'runtime/default' };
    expect(rulesOf(make('Job', CLEAN, { annotations: safe }))).toEqual([]);
  });

  it('keeps Services inside the cluster, and Secrets free of credentials to it', () => {
    const service = (spec: object) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec });
    expect(rulesOf(service({ ports: [{ port: 80 }] }))).toEqual([]);
    expect(rulesOf(service({ type: 'NodePort' }))).toEqual(['service_exposure']);
    expect(rulesOf(service({ type: 'LoadBalancer' }))).toEqual(['service_exposure']);
    expect(rulesOf(service({ externalIPs: ['1.2.3.4'] }))).toEqual(['service_exposure']);
    expect(rulesOf(service({ type: 'ExternalName', externalName: 'a.b' }))).toEqual([
      'service_exposure',
      'service_exposure',
    ]);
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' } };
    expect(rulesOf({ ...secret, type: 'Opaque' })).toEqual([]);
    expect(rulesOf({ ...secret, type: 'kubernetes.io/service-account-token' })).toEqual([
      'service_account_token',
    ]);
  });

  it('says which taint is meant, and lets pods wait out a node that is ill', () => {
    const messageFor = (toleration: object) =>
      checkPolicy(make('Job', { ...CLEAN, tolerations: [toleration] }), ANYTHING, 'default').map(
        ({ message, remedy }) => `${message}: ${remedy}`,
      );
    expect(messageFor({ key: 'node-role.kubernetes.io/master', operator: 'Exists' })).toEqual([
      'the taint node-role.kubernetes.io/master marks control-plane nodes, which are not for pods: remove it',
    ]);
    expect(messageFor({ key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' })).toEqual([]);
    expect(messageFor({ key: 'nvidia.com/gpu', operator: 'Exists' })).toEqual([]);
  });

  it('lets nobody choose what is shared: addresses, volumes, data of other namespaces', () => {
    const service = (spec: object) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec });
    expect(rulesOf(service({ clusterIP: '10.96.0.10' }))).toEqual(['service_exposure']);
    expect(rulesOf(service({ clusterIP: 'None', clusterIPs: ['None'] }))).toEqual([]);
    const claim = (spec: object) => ({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'c' },
      spec,
    });
    const bad = { volumeName: 'pv-of-others', dataSourceRef: { kind: 'X', name: 'y', namespace: 'other' } };
    expect(rulesOf(claim(bad))).toEqual(['volume_claim', 'volume_claim']);
    expect(rulesOf(claim({ dataSourceRef: { kind: 'PersistentVolumeClaim', name: 'y' } }))).toEqual([]);
    const volumes = [{ name: 'v', ephemeral: { volumeClaimTemplate: { spec: bad } } }];
    for (const kind of Object.keys(KINDS)) {
      expect([kind, rulesOf(make(kind, { ...CLEAN, volumes }))]).toEqual([
        kind,
        ['volume_claim', 'volume_claim'],
      ]);
    }
  });

  it('lets no budget keep a node from being drained, whatever is in it', () => {
    const rules = (spec: object) =>
      rulesOf({
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata: { name: 'b' },
        spec: { selector: { matchLabels: { app: 'x' } }, ...spec },
      });
    expect(rules({ maxUnavailable: 1 })).toEqual([]);
    expect(rules({ selector: {}, maxUnavailable: 1 })).toEqual(['disruption_budget']);
    const amount = fc.oneof(
      fc.integer(),
      fc.nat(100).map((share) => `${share}%`),
    );
    fc.assert(
      fc.property(amount, fc.nat(20), (maxUnavailable, pods) => {
        if (rules({ maxUnavailable }).length > 0) return;
        const share = /^(\d+)%$/.exec(String(maxUnavailable));
        const allowed = share === null ? Number(maxUnavailable) : Math.ceil((Number(share[1]) * pods) / 100);
        expect(pods === 0 || allowed >= 1).toBe(true);
      }),
    );
    fc.assert(
      fc.property(amount, (minAvailable) => {
        expect(rules({ minAvailable })).toEqual(['disruption_budget']);
      }),
    );
  });

  it('lets only annotations pass that order nothing', () => {
    const rules = (annotations: object) => rulesOf(make('Job', CLEAN, { annotations }));
    for (const order of [
      'k8s.v1.cni.cncf.io/networks',
      'external-dns.alpha.kubernetes.io/hostname',
      'io.kubernetes.cri-o.Devices',
      'vault.hashicorp.com/agent-inject',
      'sidecar.istio.io/inject',
      'dev.gvisor.flag.debug',
    ]) {
      expect([order, rules({ [order]: 'true' })]).toEqual([order, ['annotation']]);
    }
    expect(rules({ note: 'mine', 'kubectl.kubernetes.io/default-container': 'main' })).toEqual([]);
    expect(rules({ 'sidecar.istio.io/inject': 'false' })).toEqual([]);
    fc.assert(
      fc.property(fc.domain(), fc.stringMatching(/^[a-z]{1,20}$/), (domain, name) => {
        expect(rules({ [`${domain}/${name}`]: 'x' })).toEqual(['annotation']);
      }),
    );
  });

  it('lists at most a hundred findings of one object', () => {
    const annotations = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`a.b/c${i}`, 'x']));
    expect(rulesOf(make('Job', CLEAN, { annotations }))).toHaveLength(100);
  });

  it('has a rule for every kind that may be deployed by default', () => {
    expect(DEFAULT_POLICY.kinds.filter((kind) => !CHECKED_KINDS.includes(kind))).toEqual([]);
    for (const kind of [
      'Ingress.networking.k8s.io',
      'RoleBinding.rbac.authorization.k8s.io',
      'X.example.com',
    ])
      expect(CHECKED_KINDS).not.toContain(kind);
  });

  it('does not read data as if it were a pod', () => {
    const data = { hostPath: '/x', containers: '[]', privileged: 'true' };
    expect(rulesOf({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data })).toEqual([]);
  });

  it('demands hardened pods at level restricted', () => {
    const restricted: Policy = { ...ANYTHING, level: 'restricted' };
    expect(rulesOf(make('Job', CLEAN), restricted).sort()).toEqual([
      'capabilities',
      'privilege_escalation',
      'run_as_root',
      'seccomp',
    ]);
    const hardened = {
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        { name: 'a', securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } },
      ],
    };
    expect(rulesOf(make('Job', hardened), restricted)).toEqual([]);
    const root = { ...hardened, securityContext: { ...hardened.securityContext, runAsUser: 0 } };
    expect(rulesOf(make('Job', root), restricted)).toEqual(['run_as_root']);
  });

  it('follows the switches of the policy', () => {
    const escalating = make('Job', { containers: [{ securityContext: { allowPrivilegeEscalation: true } }] });
    expect(rulesOf(escalating)).toEqual([]);
    expect(rulesOf(escalating, { ...ANYTHING, allowPrivilegeEscalation: false })).toEqual([
      'privilege_escalation',
    ]);
    const urgent = make('Job', { ...CLEAN, priorityClassName: 'bench-high' });
    expect(rulesOf(urgent, { ...ANYTHING, priorityClasses: ['bench-*'] })).toEqual([]);
    const account = make('Job', {
      ...CLEAN,
      serviceAccountName: 'bench',
      automountServiceAccountToken: true,
    });
    expect(
      rulesOf(account, { ...ANYTHING, serviceAccounts: ['bench'], allowServiceAccountToken: true }),
    ).toEqual([]);
  });
});

describe('matches', () => {
  it('compares words, with * for any letters', () => {
    expect(matches(['Job.batch'], 'Job.batch')).toBe(true);
    expect(matches(['Job.batch'], 'Job.batchx')).toBe(false);
    expect(matches(['*.apps'], 'Deployment.apps')).toBe(true);
    expect(matches(['*.apps'], 'Deployment.example.apps.com')).toBe(false);
    expect(matches(['a*a'], 'a')).toBe(false);
    expect(matches(['*'], '')).toBe(true);
  });
});
