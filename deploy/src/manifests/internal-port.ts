import type { UnknownObject } from '@cloudemy/k8s';
import { z } from 'zod';
import { isConfigMap, isWorkload } from './objects.js';

/** Who has an INTERNAL_PORT, by the port that it is taken from. */
const services = new Map([
  ['backend', 8_000],
  ['deployer', 8_002],
]);
const workloads = new Map([
  ['backend-deploy', 8_000],
  ['deployer', 8_002],
]);

/** Settings by which the backend's /internal is reached. */
const internalUrls = ['BACKEND_INTERNAL_URL', 'RUNNER_BACKEND_INTERNAL_URL'];

const Ports = z.array(z.looseObject({ port: z.number() }));
const Rule = z.looseObject({ ports: Ports.optional() });
const PolicySpec = z.looseObject({ ingress: z.array(Rule).optional(), egress: z.array(Rule).optional() });
const ServiceSpec = z.looseObject({ ports: Ports });

/** The manifests with /internal and /metrics on a port of their own, which only those reach who ask there. */
export function withInternalPort(
  objects: readonly UnknownObject[],
  port: number | undefined,
): UnknownObject[] {
  if (port === undefined) return [...objects];
  return objects.map((object) => {
    const { name = '' } = object.metadata;
    if (isConfigMap(object)) return withSettings(object, port);
    if (object.kind === 'Service' && services.has(name)) return serving(object, port);
    if (object.kind === 'NetworkPolicy') return narrowed(object, port);
    const former = isWorkload(object) ? workloads.get(name) : undefined;
    return former === undefined ? object : scrapedAt(object, former, port);
  });
}

function withSettings<Object extends UnknownObject & { data: Record<string, string> }>(
  object: Object,
  port: number,
): Object {
  const data = { ...object.data };
  if (services.has(object.metadata.name ?? '')) data['INTERNAL_PORT'] = String(port);
  for (const name of internalUrls) {
    const url = data[name];
    if (url !== undefined) data[name] = url.replace(':8000/', `:${port}/`);
  }
  return { ...object, data };
}

function serving(object: UnknownObject, port: number): UnknownObject {
  const spec = ServiceSpec.parse(object['spec']);
  return {
    ...object,
    spec: { ...spec, ports: [...spec.ports, { name: 'internal', port, targetPort: port }] },
  };
}

/** Prometheus reads there what a pod's annotation says; probes stay, as both ports tell how the service is. */
function scrapedAt(object: UnknownObject, former: number, port: number): UnknownObject {
  const scraped = `"prometheus.io/port":"${former}"`;
  const moved: UnknownObject = JSON.parse(
    JSON.stringify(object).replace(scraped, `"prometheus.io/port":"${port}"`),
  );
  return moved;
}

/** Rules of those who ask there, by the name of their policy and what the port is reached from or to. */
const asking = /"app":"scheduler"|"kubernetes\.io\/metadata\.name":"(cloudemy-runners|monitoring)"/;
const askers = ['scheduler', 'runner'];

function narrowed(object: UnknownObject, port: number): UnknownObject {
  const spec = PolicySpec.parse(object['spec']);
  const { name = '' } = object.metadata;
  const ingress = spec.ingress?.map((rule) => (asking.test(JSON.stringify(rule)) ? moved(rule, port) : rule));
  const egress = askers.includes(name) ? spec.egress?.map((rule) => moved(rule, port)) : spec.egress;
  return {
    ...object,
    spec: {
      ...spec,
      ...(ingress === undefined ? {} : { ingress }),
      ...(egress === undefined ? {} : { egress }),
    },
  };
}

const formerPorts = new Set(services.values());

function moved(rule: z.output<typeof Rule>, port: number): z.output<typeof Rule> {
  if (rule.ports === undefined) return rule;
  const kept = rule.ports.filter((one) => !formerPorts.has(one.port));
  return kept.length === rule.ports.length ? rule : { ...rule, ports: [{ port }, ...kept] };
}
