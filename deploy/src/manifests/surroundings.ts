import { isIPv4 } from 'node:net';
import type { UnknownObject } from '@cloudemy/k8s';
import { z } from 'zod';
import { isConfigMap } from './objects.js';

/** What only who deploys knows of the network around the cluster. */
export interface Surroundings {
  /** Who is in front of the frontend, and believed about a client's address: a number of proxies, or their addresses. */
  trustProxy: string | undefined;
  /** Address ranges that neither runners nor benchmarks may reach, such as those of nodes on the internet. */
  keepOut: readonly string[];
  /** Ports of the internet that benchmarks may reach, over TCP and UDP; those of the manifests when left out. */
  benchmarkPorts: 'all' | readonly PortRange[] | undefined;
}

export interface PortRange {
  readonly from: number;
  readonly to: number;
}

const Policy = z.object({
  egress: z
    .array(
      z.looseObject({
        to: z.array(z.looseObject({ ipBlock: z.looseObject({ cidr: z.string() }).optional() })).optional(),
      }),
    )
    .optional(),
});

/** The manifests with what was said about the network around them. */
export function fitSurroundings(
  objects: readonly UnknownObject[],
  { trustProxy, keepOut, benchmarkPorts }: Surroundings,
): UnknownObject[] {
  return objects.map((object) => {
    // To the other services the frontend is the proxy, wherever it is.
    if (trustProxy !== undefined && isConfigMap(object) && object.metadata.name === 'frontend') {
      return { ...object, data: { ...object.data, TRUST_PROXY: trustProxy } };
    }
    if (object.kind !== 'NetworkPolicy') return object;
    const kept = keepOut.length > 0 ? closed(object, keepOut) : object;
    const ofBenchmarks = object.metadata.name === 'benchmarks' && benchmarkPorts !== undefined;
    return ofBenchmarks ? withPorts(kept, benchmarkPorts) : kept;
  });
}

/** Opens these ports of the internet, and no others, where a policy opens some. */
function withPorts(object: UnknownObject, ports: 'all' | readonly PortRange[]): UnknownObject {
  const { egress = [] } = Policy.parse(object['spec']);
  const rules = egress.map((rule) => {
    if (rule.to?.some(({ ipBlock }) => isInternet(ipBlock)) !== true) return rule;
    const { ports: _, ...others } = rule;
    return ports === 'all' ? others : { ...others, ports: ports.flatMap(portRules) };
  });
  return { ...object, spec: { ...Object(object['spec']), egress: rules } };
}

const portRules = ({ from, to }: PortRange) =>
  ['TCP', 'UDP'].map((protocol) => ({ port: from, ...(to > from ? { endPort: to } : {}), protocol }));

const isInternet = (ipBlock: { cidr: string } | undefined): boolean =>
  ipBlock !== undefined && /^(0\.0\.0\.0|::)\/0$/.test(ipBlock.cidr);

/** Takes ranges out of every block of the whole internet that a policy opens. */
function closed(object: UnknownObject, keepOut: readonly string[]): UnknownObject {
  const { egress } = Policy.parse(object['spec']);
  if (egress === undefined) return object;
  const rules = egress.map((rule) => ({
    ...rule,
    ...(rule.to === undefined ? {} : { to: rule.to.map((peer) => closedPeer(peer, keepOut)) }),
  }));
  return { ...object, spec: { ...Object(object['spec']), egress: rules } };
}

function closedPeer<Peer extends { ipBlock?: { cidr: string; except?: unknown } | undefined }>(
  peer: Peer,
  keepOut: readonly string[],
): Peer {
  const { ipBlock } = peer;
  if (ipBlock === undefined || !isInternet(ipBlock)) return peer;
  const family = ipBlock.cidr === '::/0' ? (range: string) => !isV4(range) : isV4;
  const known: unknown[] = Array.isArray(ipBlock.except) ? ipBlock.except : [];
  const except = [...new Set([...known, ...keepOut.filter((range) => family(range))])];
  return { ...peer, ipBlock: { ...ipBlock, except } };
}

const isV4 = (range: string): boolean => isIPv4(range.split('/', 1)[0] ?? '');
