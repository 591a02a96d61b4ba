import { asObject, isObject, objectsIn } from '../../json.js';
import type { JsonObject } from '../../json.js';
import type { KubeObject } from '../../objects.js';
import { resourceName } from '../../schema/kinds.js';
import type { KindInfo } from '../../schema/kinds.js';
import { defaultPod } from './pod.js';
import { ensureObject, setDefaults } from './set.js';
import {
  defaultCronJob,
  defaultDeployment,
  defaultJob,
  defaultReplicaSet,
  defaultStatefulSet,
} from './workloads.js';

function defaultNamespace(namespace: KubeObject, creating: boolean): void {
  namespace.metadata.labels = {
    ...namespace.metadata.labels,
    'kubernetes.io/metadata.name': namespace.metadata.name,
  };
  if (creating) {
    setDefaults(ensureObject(namespace, 'spec'), { finalizers: ['kubernetes'] });
    setDefaults(ensureObject(namespace, 'status'), { phase: 'Active' });
  }
}

function defaultSecret(secret: KubeObject): void {
  setDefaults(secret, { type: 'Opaque' });
  const text = asObject(secret['stringData']);
  if (Object.keys(text).length > 0) {
    const data = ensureObject(secret, 'data');
    for (const [key, value] of Object.entries(text)) {
      data[key] = Buffer.from(String(value)).toString('base64');
    }
  }
  delete secret['stringData'];
  const sorted = Object.entries(asObject(secret['data'])).toSorted(([left], [right]) =>
    left < right ? -1 : 1,
  );
  if (sorted.length > 0) {
    secret['data'] = Object.fromEntries(sorted);
  }
}

function defaultService(service: KubeObject): void {
  const spec = ensureObject(service, 'spec');
  setDefaults(spec, { type: 'ClusterIP', sessionAffinity: 'None' });
  for (const port of objectsIn(spec['ports'])) {
    setDefaults(port, { protocol: 'TCP', targetPort: port['port'] });
  }
  if (spec['type'] !== 'ExternalName') {
    setDefaults(spec, { internalTrafficPolicy: 'Cluster' });
  }
  if (spec['type'] === 'NodePort' || spec['type'] === 'LoadBalancer') {
    setDefaults(spec, { externalTrafficPolicy: 'Cluster' });
  }
  if (spec['type'] === 'LoadBalancer') {
    setDefaults(spec, { allocateLoadBalancerNodePorts: true });
  }
  ensureObject(ensureObject(service, 'status'), 'loadBalancer');
}

function defaultBinding(binding: KubeObject): void {
  const group = 'rbac.authorization.k8s.io';
  setDefaults(ensureObject(binding, 'roleRef'), { apiGroup: group });
  for (const subject of objectsIn(binding['subjects'])) {
    if (subject['kind'] === 'User' || subject['kind'] === 'Group') {
      setDefaults(subject, { apiGroup: group });
    }
  }
}

function defaultNetworkPolicy(policy: KubeObject): void {
  const spec = ensureObject(policy, 'spec');
  const types = ['Ingress', ...(spec['egress'] === undefined ? [] : ['Egress'])];
  setDefaults(spec, { policyTypes: types });
}

/** What is not said of a container's limits follows from what is. */
function defaultLimit(limit: JsonObject): void {
  if (limit['type'] !== 'Container') {
    return;
  }
  const { max, min } = limit;
  for (const [field, source] of [
    ['default', max],
    ['defaultRequest', limit['default'] ?? max],
    ['defaultRequest', min],
  ] as const) {
    if (isObject(source)) {
      setDefaults(ensureObject(limit, field), source);
    }
  }
}

function defaultClaim(claim: KubeObject): void {
  setDefaults(ensureObject(claim, 'spec'), { volumeMode: 'Filesystem' });
  setDefaults(ensureObject(claim, 'status'), { phase: 'Pending' });
}

type Defaulter = (object: KubeObject, creating: boolean) => void;

const defaulters: Readonly<Record<string, Defaulter>> = {
  pods: defaultPod,
  namespaces: defaultNamespace,
  secrets: defaultSecret,
  services: defaultService,
  events: (event) => {
    setDefaults(event, {
      source: {},
      firstTimestamp: null,
      lastTimestamp: null,
      eventTime: null,
      reportingComponent: '',
      reportingInstance: '',
    });
  },
  persistentvolumeclaims: defaultClaim,
  persistentvolumes: (volume) => {
    setDefaults(ensureObject(volume, 'spec'), {
      persistentVolumeReclaimPolicy: 'Retain',
      volumeMode: 'Filesystem',
    });
    setDefaults(ensureObject(volume, 'status'), { phase: 'Available' });
  },
  limitranges: (range) => {
    objectsIn(ensureObject(range, 'spec')['limits']).forEach(defaultLimit);
  },
  resourcequotas: (quota) => {
    ensureObject(quota, 'status');
  },
  'jobs.batch': defaultJob,
  'cronjobs.batch': defaultCronJob,
  'deployments.apps': defaultDeployment,
  'replicasets.apps': defaultReplicaSet,
  'statefulsets.apps': defaultStatefulSet,
  'rolebindings.rbac.authorization.k8s.io': defaultBinding,
  'clusterrolebindings.rbac.authorization.k8s.io': defaultBinding,
  'networkpolicies.networking.k8s.io': defaultNetworkPolicy,
  'ingresses.networking.k8s.io': (ingress) => {
    ensureObject(ensureObject(ingress, 'status'), 'loadBalancer');
  },
  'priorityclasses.scheduling.k8s.io': (priority) => {
    setDefaults(priority, { preemptionPolicy: 'PreemptLowerPriority' });
  },
  'storageclasses.storage.k8s.io': (storage) => {
    setDefaults(storage, { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' });
  },
};

/** Fills in what a client may leave out. `creating` is false for updates. */
export function applyDefaults(info: KindInfo, object: KubeObject, creating: boolean): void {
  defaulters[resourceName(info)]?.(object, creating);
}
