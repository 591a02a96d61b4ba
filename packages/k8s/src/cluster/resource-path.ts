import { assertDnsLabel, assertDnsSubdomain } from '../objects/names.js';

/** A kind of object as URLs name it: `{group: 'batch', version: 'v1', resource: 'jobs'}`; core is group `''`. */
export interface ResourceType {
  group: string;
  version: string;
  /** Plural, lower case. */
  resource: string;
}

export const JOBS: ResourceType = { group: 'batch', version: 'v1', resource: 'jobs' };
export const PODS: ResourceType = { group: '', version: 'v1', resource: 'pods' };
export const EVENTS: ResourceType = { group: '', version: 'v1', resource: 'events' };
export const SECRETS: ResourceType = { group: '', version: 'v1', resource: 'secrets' };
export const LEASES: ResourceType = { group: 'coordination.k8s.io', version: 'v1', resource: 'leases' };

/**
 * The path of a collection, of an object (`name`) or of a part of one (`subresource`). Without `namespace`
 * it is that of cluster-wide objects, or of all namespaces together. Names that could change the path are
 * refused, so a path built here leads where it seems to.
 * @throws {InvalidNameError}
 */
export function resourcePath(
  type: ResourceType,
  where: { namespace?: string | undefined; name?: string | undefined; subresource?: string | undefined } = {},
): string {
  const root = type.group === '' ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
  const namespace =
    where.namespace === undefined ? '' : `/namespaces/${assertDnsLabel('namespace', where.namespace)}`;
  const name = where.name === undefined ? '' : `/${objectName(type, where.name)}`;
  const subresource = where.subresource === undefined ? '' : `/${where.subresource}`;
  return `${root}${namespace}/${type.resource}${name}${subresource}`;
}

/** RBAC names may hold `:` and other letters; all others are DNS subdomains. */
function objectName(type: ResourceType, name: string): string {
  if (type.group !== 'rbac.authorization.k8s.io') return assertDnsSubdomain(`${type.resource} name`, name);
  return encodeURIComponent(name === '.' || name === '..' ? assertDnsSubdomain('name', name) : name);
}
