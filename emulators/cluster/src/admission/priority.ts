import { asObject, asString } from '../json.js';
import type { KubeObject } from '../objects.js';
import { forbidden } from '../store/api-error.js';
import type { Registry } from '../store/registry.js';

/**
 * Gives a new pod the priority of its class: the one it names, else the cluster's default.
 * @throws ApiError 403 when there is no such class.
 */
export function assignPriority(registry: Registry, pod: KubeObject): void {
  const spec = asObject(pod['spec']);
  const name = asString(spec['priorityClassName']) ?? '';
  const classes = registry.list('priorityclasses.scheduling.k8s.io');
  const found = classes.find((one) =>
    name === '' ? one['globalDefault'] === true : one.metadata.name === name,
  );
  if (found === undefined && name !== '') {
    throw forbidden('pods', pod.metadata.name, `no PriorityClass with name ${name} was found`);
  }
  if (found !== undefined) {
    spec['priorityClassName'] = found.metadata.name;
    spec['priority'] = found['value'];
    spec['preemptionPolicy'] = found['preemptionPolicy'];
  }
}
