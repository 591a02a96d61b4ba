import { asString, at } from '../json.js';
import type { Pod } from '../kubelet/pod.js';
import type { KubeObject } from '../objects.js';
import type { Endpoint } from './service-endpoints.js';

const DOMAIN = 'cluster.local';

/** A Service and where its pods are. */
export interface NamedService {
  service: KubeObject;
  endpoints: readonly Endpoint[];
}

/** The names of a Service, as a pod of `namespace` may write them. */
function namesOf({ metadata: { name, namespace: home } }: KubeObject, namespace: string): string[] {
  const full = `${name}.${home}`;
  return [`${full}.svc.${DOMAIN}`, `${full}.svc`, full, ...(home === namespace ? [name] : [])];
}

function serviceLines({ service, endpoints }: NamedService, namespace: string): string[] {
  const names = namesOf(service, namespace);
  const clusterIp = asString(at(service, 'spec', 'clusterIP')) ?? '';
  const ready = endpoints.filter((endpoint) => endpoint.ready);
  const addresses = clusterIp === 'None' ? ready.map(({ address }) => address) : [clusterIp];
  return [
    ...addresses.filter((address) => address !== '').map((address) => `${address} ${names.join(' ')}`),
    ...ready
      .filter(({ hostname }) => hostname !== undefined)
      .map(({ address, hostname }) => `${address} ${names.map((name) => `${hostname}.${name}`).join(' ')}`),
  ];
}

function ownLine(pod: Pod, address: string): string {
  const { namespace = '', name } = pod.metadata;
  const hostname = pod.spec.hostname ?? name;
  const subdomain = asString(pod.spec['subdomain']);
  const full = subdomain === undefined ? '' : `${hostname}.${subdomain}.${namespace}.svc.${DOMAIN} `;
  return `${address} ${full}${hostname}`;
}

/**
 * The hosts file of a pod: its own name and, in place of a DNS server, the names of Services. What the machine knows
 * besides (`machine`, its own hosts file) stays known.
 */
export function hostsFile(
  pod: Pod,
  address: string,
  services: readonly NamedService[],
  machine: string,
): string {
  const lines = [
    '# Kubernetes-managed hosts file.',
    '127.0.0.1 localhost',
    '::1 localhost ip6-localhost ip6-loopback',
    ownLine(pod, address),
    ...services.flatMap((service) => serviceLines(service, pod.metadata.namespace ?? '')),
    ...machine.split('\n').filter((line) => /^\s*[0-9a-f]/i.test(line) && !/\slocalhost\b/.test(line)),
  ];
  return `${lines.join('\n')}\n`;
}
