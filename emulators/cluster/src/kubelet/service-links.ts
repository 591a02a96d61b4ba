import { asString, at, objectsIn } from '../json.js';
import type { KubeObject } from '../objects.js';
import type { ObjectStore } from '../store/object-store.js';
import type { Pod } from './pod.js';

function variables(service: KubeObject): Record<string, string> {
  const host = asString(at(service, 'spec', 'clusterIP')) ?? '';
  const ports = objectsIn(at(service, 'spec', 'ports'));
  if (host === '' || host === 'None' || ports.length === 0) {
    return {};
  }
  const name = service.metadata.name.toUpperCase().replaceAll('-', '_');
  const found: Record<string, string> = {
    [`${name}_SERVICE_HOST`]: host,
    [`${name}_SERVICE_PORT`]: String(ports[0]?.['port']),
  };
  for (const [index, port] of ports.entries()) {
    const number = String(port['port']);
    const protocol = asString(port['protocol']) ?? 'TCP';
    const url = `${protocol.toLowerCase()}://${host}:${number}`;
    const prefix = `${name}_PORT_${number}_${protocol}`;
    const label = asString(port['name']);
    if (label !== undefined && label !== '') {
      found[`${name}_SERVICE_PORT_${label.toUpperCase().replaceAll('-', '_')}`] = number;
    }
    if (index === 0) {
      found[`${name}_PORT`] = url;
    }
    found[prefix] = url;
    found[`${prefix}_PROTO`] = protocol.toLowerCase();
    found[`${prefix}_PORT`] = number;
    found[`${prefix}_ADDR`] = host;
  }
  return found;
}

/** The variables that tell a container of the services of its namespace, unless the pod wants none. */
export function serviceVariables(store: ObjectStore, pod: Pod): Record<string, string> {
  if (pod.spec.enableServiceLinks === false) {
    return {};
  }
  const services = store.list('services', { namespace: pod.metadata.namespace ?? 'default' });
  // Where the API server is, every container is told anyway.
  const others = services.filter(({ metadata }) => metadata.name !== 'kubernetes');
  return Object.assign({}, ...others.map(variables));
}
