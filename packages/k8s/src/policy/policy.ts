/**
 * What submitted YAML may contain. The levels follow the Pod Security Standards
 * (https://kubernetes.io/docs/concepts/security/pod-security-standards/), with what they leave to others added:
 * kinds, namespaces, service accounts, services, ownership.
 */
export interface Policy {
  /** `baseline` refuses what breaks out of a pod; `restricted` also demands that pods are hardened. */
  level: 'baseline' | 'restricted';
  /** Allowed kinds as `Kind.group` (`Job.batch`; core ones as `Pod`); `*` for any word, `*` alone for all. */
  kinds: readonly string[];
  /** Namespaces that may be deployed to; `*` for any. */
  namespaces: readonly string[];
  /** Service accounts that pods may run as. */
  serviceAccounts: readonly string[];
  /** Whether pods may ask for their service account's token. */
  allowServiceAccountToken: boolean;
  /** Whether containers may say `allowPrivilegeEscalation: true` (at level `restricted` never). */
  allowPrivilegeEscalation: boolean;
  /** Capabilities that may be added. */
  capabilities: readonly string[];
  /** Kinds of volumes, by their field's name. */
  volumeTypes: readonly string[];
  /** Kernel parameters that may be set. */
  sysctls: readonly string[];
  /** Runtime classes that may be named. */
  runtimeClasses: readonly string[];
  /** Priority classes that may be named: one above others' takes the room from their pods. */
  priorityClasses: readonly string[];
  /** Types of Services. */
  serviceTypes: readonly string[];
  /** Whether pods may name their node, select control-plane nodes or tolerate their taints. */
  allowControlPlane: boolean;
  /** Schedulers that pods may name. */
  schedulers: readonly string[];
  /** Resources that pods may ask for besides CPU, memory, disk and huge pages: devices, as their plugins name them. */
  resources: readonly string[];
  /** Names of ResourceClaims and their templates (devices) that pods may use. */
  resourceClaims: readonly string[];
  /** Profiles of seccomp and AppArmor on the nodes that pods may name. */
  localhostProfiles: readonly string[];
  /** Seconds that a pod may take to end: for that long it cannot be deleted. */
  maxGracePeriodSeconds: number;
  /** Annotations with a domain that may be set. Those without are the user's own, others orders to controllers. */
  annotations: readonly string[];
  /** Labels and annotations that only we and the cluster set; a final `*` stands for any ending. */
  reservedKeys: readonly string[];
  /** Values of `app.kubernetes.io/managed-by` by which the product's own parts know what they made. */
  reservedManagers: readonly string[];
  /** Objects that belong to the cluster or to the product, as kinds and the form of their names. */
  reservedNames: readonly { kind: string; name: RegExp; whose: string }[];
}

/** The capabilities a container runtime gives by default; adding them again adds nothing. */
const BASELINE_CAPABILITIES = [
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
];

/** The kernel parameters that are isolated per pod. */
const SAFE_SYSCTLS = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
];

/** What benchmarks need, in any namespace the caller allows. */
export const DEFAULT_POLICY: Policy = {
  level: 'baseline',
  kinds: [
    'Pod',
    'ConfigMap',
    'Secret',
    'Service',
    'PersistentVolumeClaim',
    'Job.batch',
    'CronJob.batch',
    'Deployment.apps',
    'ReplicaSet.apps',
    'StatefulSet.apps',
    'HorizontalPodAutoscaler.autoscaling',
    'PodDisruptionBudget.policy',
  ],
  namespaces: ['default'],
  serviceAccounts: ['default'],
  allowServiceAccountToken: false,
  allowPrivilegeEscalation: true,
  capabilities: BASELINE_CAPABILITIES,
  volumeTypes: [
    'configMap',
    'downwardAPI',
    'emptyDir',
    'ephemeral',
    'persistentVolumeClaim',
    'projected',
    'secret',
  ],
  sysctls: SAFE_SYSCTLS,
  runtimeClasses: [],
  priorityClasses: [],
  serviceTypes: ['ClusterIP'],
  allowControlPlane: false,
  schedulers: ['default-scheduler'],
  resources: ['nvidia.com/gpu', 'amd.com/gpu', 'gpu.intel.com/*', 'google.com/tpu', 'aws.amazon.com/neuron*'],
  resourceClaims: [],
  localhostProfiles: [],
  maxGracePeriodSeconds: 300,
  annotations: [
    'kubectl.kubernetes.io/*',
    'app.kubernetes.io/*',
    'kubernetes.io/description',
    'kubernetes.io/change-cause',
    'deployment.kubernetes.io/*',
    'prometheus.io/*',
    'helm.sh/*',
    'meta.helm.sh/*',
    'argocd.argoproj.io/*',
  ],
  reservedKeys: ['cloudemy.io/*', 'batch.kubernetes.io/*', 'controller-uid', 'job-name'],
  reservedManagers: ['cloudemy-scheduler'],
  reservedNames: [
    { kind: 'ConfigMap', name: /^kube-root-ca\.crt$/, whose: 'holds what all pods trust the API server by' },
    { kind: 'Service', name: /^kubernetes$/, whose: 'is how pods find the API server' },
    { kind: 'Job.batch', name: /^runner-[0-9a-f]{24}(-\d+)?$/, whose: 'is the runner of a submission' },
  ],
};

/**
 * Kinds that the rules of this folder look into. Deploying any other takes the word of an operator (see the setting
 * of the service): what an Ingress, a NetworkPolicy or an operator's own kind does, no rule here knows.
 */
export const CHECKED_KINDS: readonly string[] = [
  ...DEFAULT_POLICY.kinds,
  'DaemonSet.apps',
  'PodTemplate',
  'ReplicationController',
];

/** Whether a word is one of those allowed; `*` in a pattern stands for any letters. */
export function matches(patterns: readonly string[], word: string): boolean {
  return patterns.some((pattern) => {
    if (!pattern.includes('*')) return pattern === word;
    const [first = '', ...rest] = pattern.split('*');
    const last = rest.at(-1) ?? '';
    return word.length >= first.length + last.length && word.startsWith(first) && word.endsWith(last);
  });
}
