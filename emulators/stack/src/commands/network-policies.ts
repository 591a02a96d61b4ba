import { isIPv4 } from 'node:net';
import { type KubeObject } from '@cloudemy/k8s';
import { parseAllDocuments } from 'yaml';

/** A policy as `deploy/base/network` has it. */
interface NetworkPolicy extends KubeObject {
  spec: object;
}

export interface PolicyTexts {
  /** The manifests of `deploy/base/network`. */
  runners: string;
  benchmarks: string;
}

/**
 * The network policies of `deploy/base`, for namespaces of other names and services outside the cluster: the runners of
 * docker-compose.yml reach theirs by address.
 *
 * @param services URLs that runners may reach; one with a name instead of an address is reached as the internet is
 * @throws YAMLParseError when a manifest is none
 */
export function networkPolicies(
  texts: PolicyTexts,
  namespaces: { runners: string; benchmarks: readonly string[] },
  services: readonly string[],
): NetworkPolicy[] {
  return [
    ...moved(texts.runners, namespaces.runners),
    servicesByAddress(namespaces.runners, services),
    ...namespaces.benchmarks.flatMap((namespace) => moved(texts.benchmarks, namespace)),
  ];
}

function moved(text: string, namespace: string): NetworkPolicy[] {
  return parseAllDocuments(text).map((document) => {
    const policy: NetworkPolicy = document.toJS();
    return { ...policy, metadata: { ...policy.metadata, namespace } };
  });
}

function servicesByAddress(namespace: string, services: readonly string[]): NetworkPolicy {
  const egress = services.flatMap((url) => {
    const { hostname, port, protocol } = new URL(url);
    if (!isIPv4(hostname)) return [];
    const number = Number(port === '' ? (standardPorts[protocol] ?? 0) : port);
    return [{ to: [{ ipBlock: { cidr: `${hostname}/32` } }], ports: [{ port: number }] }];
  });
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'services', namespace },
    spec: { podSelector: {}, policyTypes: ['Egress'], egress },
  };
}

const standardPorts: Record<string, number> = { 'http:': 80, 'https:': 443, 'redis:': 6379, 'rediss:': 6379 };
