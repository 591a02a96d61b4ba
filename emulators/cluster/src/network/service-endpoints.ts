import { asArray, asNumber, asString, at, objectsIn } from '../json.js';
import type { KubeObject } from '../objects.js';
import type { ObjectStore } from '../store/object-store.js';

export const SERVICES = 'services';
export const SLICES = 'endpointslices.discovery.k8s.io';
export const SERVICE_NAME = 'kubernetes.io/service-name';

/** One pod behind a Service. */
export interface Endpoint {
  address: string;
  /** Its name below the Service's, if it has one. */
  hostname: string | undefined;
  /** New traffic may go there. */
  ready: boolean;
  /** It would answer, though it may be on its way out. */
  serving: boolean;
  /** Port numbers by the names the Service gives them. */
  ports: ReadonlyMap<string, number>;
}

/** What stands behind a Service, from its EndpointSlices. */
export function endpointsOf(store: ObjectStore, { metadata }: KubeObject): Endpoint[] {
  const { namespace = '', name } = metadata;
  return store.list(SLICES, { namespace, labelSelector: `${SERVICE_NAME}=${name}` }).flatMap((slice) => {
    const ports = new Map<string, number>();
    for (const port of objectsIn(slice['ports'])) {
      ports.set(asString(port['name']) ?? '', asNumber(port['port']) ?? 0);
    }
    return objectsIn(slice['endpoints']).map((endpoint) => ({
      address: asString(asArray(endpoint['addresses'])[0]) ?? '',
      hostname: asString(endpoint['hostname']),
      ready: at(endpoint, 'conditions', 'ready') === true,
      serving: at(endpoint, 'conditions', 'serving') === true,
      ports,
    }));
  });
}
