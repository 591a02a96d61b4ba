import { asString, at, objectsIn } from '../../json.js';
import type { Pod } from '../../kubelet/pod.js';
import { isReady } from '../../kubelet/pod.js';
import type { KubeObject } from '../../objects.js';

/** A port of a Service as its pods offer it. */
export interface EndpointPort {
  name: string;
  port: number;
  protocol: string;
}

/** Resolves a Service's target ports against one of its pods (names differ from pod to pod only in theory). */
export function endpointPorts(service: KubeObject, pod: Pod): EndpointPort[] {
  return objectsIn(at(service, 'spec', 'ports')).flatMap((port) => {
    const target = port['targetPort'] ?? port['port'];
    const named = pod.spec.containers
      .flatMap(({ ports = [] }) => ports)
      .find(({ name }) => name === target)?.containerPort;
    const number = typeof target === 'number' ? target : named;
    return number === undefined
      ? []
      : [{ name: asString(port['name']) ?? '', port: number, protocol: asString(port['protocol']) ?? 'TCP' }];
  });
}

function targetRef(pod: Pod): object {
  const { namespace, name, uid } = pod.metadata;
  return { kind: 'Pod', namespace, name, uid };
}

/** The Service wants pods before they are ready, too. */
function publishesAll(service: KubeObject): boolean {
  return at(service, 'spec', 'publishNotReadyAddresses') === true;
}

/** The name a pod has below the Service's, if it asks for one there. */
function hostnameOf(service: KubeObject, { spec }: Pod): { hostname?: string } {
  const { hostname } = spec;
  return hostname !== undefined && spec['subdomain'] === service.metadata.name ? { hostname } : {};
}

/** One entry of an EndpointSlice. */
export function sliceEndpoint(service: KubeObject, pod: Pod): object {
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const serving = isReady(pod);
  return {
    addresses: [pod.status?.podIP],
    conditions: { ready: publishesAll(service) || (serving && !terminating), serving, terminating },
    ...hostnameOf(service, pod),
    targetRef: targetRef(pod),
    nodeName: pod.spec.nodeName,
  };
}
