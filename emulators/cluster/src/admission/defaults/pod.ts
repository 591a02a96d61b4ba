import { asArray, asString, at, isObject, objectsIn } from '../../json.js';
import type { JsonObject } from '../../json.js';
import { ensureObject, setDefaults } from './set.js';

/** 0644 */
const VOLUME_MODE = 420;

function pullPolicy(image: unknown): string {
  const name = asString(image) ?? '';
  if (name.includes('@')) {
    return 'IfNotPresent';
  }
  const tag = /:([^/:]+)$/.exec(name)?.[1] ?? 'latest';
  return tag === 'latest' ? 'Always' : 'IfNotPresent';
}

function defaultProbe(probe: unknown): void {
  if (isObject(probe)) {
    setDefaults(probe, { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 });
    if (isObject(probe['httpGet'])) {
      setDefaults(probe['httpGet'], { path: '/', scheme: 'HTTP' });
    }
  }
}

function defaultContainer(container: JsonObject): void {
  ensureObject(container, 'resources');
  setDefaults(container, {
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: pullPolicy(container['image']),
  });
  for (const port of objectsIn(container['ports'])) {
    setDefaults(port, { protocol: 'TCP' });
  }
  for (const variable of objectsIn(container['env'])) {
    const reference = at(variable, 'valueFrom', 'fieldRef');
    if (isObject(reference)) {
      setDefaults(reference, { apiVersion: 'v1' });
    }
    const amount = at(variable, 'valueFrom', 'resourceFieldRef');
    if (isObject(amount)) {
      setDefaults(amount, { divisor: '0' });
    }
  }
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    defaultProbe(container[probe]);
  }
}

function defaultVolume(volume: JsonObject): void {
  const sources = Object.keys(volume).filter((key) => key !== 'name');
  if (sources.length === 0) {
    volume['emptyDir'] = {};
  }
  for (const source of ['configMap', 'secret', 'projected', 'downwardAPI']) {
    const value = volume[source];
    if (isObject(value)) {
      setDefaults(value, { defaultMode: VOLUME_MODE });
      for (const item of asArray(value['items'])) {
        const reference = at(item, 'fieldRef');
        if (isObject(reference)) {
          setDefaults(reference, { apiVersion: 'v1' });
        }
      }
    }
  }
  if (isObject(volume['hostPath'])) {
    setDefaults(volume['hostPath'], { type: '' });
  }
}

/** Defaults of a pod spec, in a Pod or in a template. */
export function defaultPodSpec(spec: JsonObject): void {
  objectsIn(spec['volumes']).forEach(defaultVolume);
  objectsIn(spec['initContainers']).forEach(defaultContainer);
  objectsIn(spec['containers']).forEach(defaultContainer);
  ensureObject(spec, 'securityContext');
  setDefaults(spec, {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    schedulerName: 'default-scheduler',
  });
  if (typeof spec['serviceAccountName'] === 'string') {
    setDefaults(spec, { serviceAccount: spec['serviceAccountName'] });
  }
}

/** Defaults of the template of a workload. */
export function defaultTemplate(spec: JsonObject): void {
  const template = ensureObject(spec, 'template');
  ensureObject(template, 'metadata');
  defaultPodSpec(ensureObject(template, 'spec'));
}

function quality(spec: JsonObject): string {
  const containers = [...objectsIn(spec['containers']), ...objectsIn(spec['initContainers'])];
  const amounts = containers.flatMap((container) =>
    ['limits', 'requests'].flatMap((kind) => Object.keys(ensureKnown(at(container, 'resources', kind)))),
  );
  if (amounts.length === 0) {
    return 'BestEffort';
  }
  const guaranteed = containers.every((container) =>
    ['cpu', 'memory'].every((resource) => {
      const limit = at(container, 'resources', 'limits', resource);
      return limit !== undefined && limit === at(container, 'resources', 'requests', resource);
    }),
  );
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

function ensureKnown(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

/** In a Pod, what is limited is requested as well; a template keeps what was written. */
function requestLimits(container: JsonObject): void {
  const resources = ensureObject(container, 'resources');
  if (isObject(resources['limits'])) {
    setDefaults(ensureObject(resources, 'requests'), resources['limits']);
  }
}

/** What a Pod has beyond its template: requests, tolerations, priority, the first status. */
export function defaultPod(pod: JsonObject): void {
  const spec = ensureObject(pod, 'spec');
  defaultPodSpec(spec);
  [...objectsIn(spec['initContainers']), ...objectsIn(spec['containers'])].forEach(requestLimits);
  const toleration = (key: string): JsonObject => ({
    key: `node.kubernetes.io/${key}`,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: 300,
  });
  const own = objectsIn(spec['tolerations']);
  const added = ['not-ready', 'unreachable']
    .map(toleration)
    .filter(({ key }) => !own.some((one) => one['key'] === key || one['key'] === undefined));
  spec['tolerations'] = [...own, ...added];
  setDefaults(spec, { priority: 0, enableServiceLinks: true, preemptionPolicy: 'PreemptLowerPriority' });
  const status = ensureObject(pod, 'status');
  setDefaults(status, { phase: 'Pending', qosClass: quality(spec) });
}
