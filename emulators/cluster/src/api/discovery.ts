import { createHash } from 'node:crypto';
import type { KindInfo } from '../schema/kinds.js';
import { kindOf, kinds, resourceName } from '../schema/kinds.js';

/** A resource that is not stored: reviews that are answered at once. */
interface VirtualKind {
  group: string;
  version: string;
  kind: string;
  plural: string;
  namespaced: boolean;
}

export const virtualKinds: readonly VirtualKind[] = [
  {
    group: 'authorization.k8s.io',
    version: 'v1',
    kind: 'SelfSubjectAccessReview',
    plural: 'selfsubjectaccessreviews',
    namespaced: false,
  },
];

const everyVerb = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const partVerbs = ['get', 'patch', 'update'];

interface ApiResource {
  name: string;
  singularName: string;
  namespaced: boolean;
  group?: string;
  version?: string;
  kind: string;
  verbs: readonly string[];
  shortNames?: readonly string[];
  categories?: readonly string[];
}

function resourcesOf(info: KindInfo): ApiResource[] {
  const { plural, kind, namespaced } = info;
  const part = (name: string, verbs: readonly string[], other: Partial<ApiResource> = {}): ApiResource => ({
    name: `${plural}/${name}`,
    singularName: '',
    namespaced,
    kind,
    verbs,
    ...other,
  });
  return [
    {
      name: plural,
      singularName: info.singular,
      namespaced,
      kind,
      verbs: everyVerb.filter((verb) => info.deleteCollection || verb !== 'deletecollection'),
      ...(info.shortNames.length === 0 ? {} : { shortNames: info.shortNames }),
      ...(info.categories.length === 0 ? {} : { categories: info.categories }),
    },
    ...info.subresources.map(({ name, verbs, kind: speaks, group, version }) =>
      part(name, verbs, {
        kind: speaks,
        ...(group === undefined ? {} : { group }),
        ...(version === undefined ? {} : { version }),
      }),
    ),
    ...(info.status ? [part('status', partVerbs)] : []),
  ];
}

interface Group {
  name: string;
  version: string;
  resources: ApiResource[];
}

function collect(): Map<string, Group> {
  const groups = new Map<string, Group>();
  const add = (name: string, version: string, resources: ApiResource[]) => {
    const group = groups.get(name) ?? { name, version, resources: [] };
    group.resources.push(...resources);
    groups.set(name, group);
  };
  for (const info of kinds) {
    add(info.group, info.version, resourcesOf(info));
  }
  for (const { group, version, kind, plural, namespaced } of virtualKinds) {
    const singularName = kind.toLowerCase();
    add(group, version, [{ name: plural, singularName, namespaced, kind, verbs: ['create'] }]);
  }
  return groups;
}

const groups = collect();
const named = [...groups.values()].filter((group) => group.name !== '');

function aggregatedResource(group: Group, resource: ApiResource): object {
  const scope = resource.namespaced ? 'Namespaced' : 'Cluster';
  const subresources = group.resources
    .filter((other) => other.name.startsWith(`${resource.name}/`))
    .map((other) => ({
      subresource: other.name.slice(resource.name.length + 1),
      responseKind: {
        group: other.group ?? group.name,
        version: other.version ?? group.version,
        kind: other.kind,
      },
      verbs: other.verbs,
    }));
  return {
    resource: resource.name,
    responseKind: { group: group.name, version: group.version, kind: resource.kind },
    scope,
    singularResource: resource.singularName,
    verbs: resource.verbs,
    ...(resource.shortNames === undefined ? {} : { shortNames: resource.shortNames }),
    ...(resource.categories === undefined ? {} : { categories: resource.categories }),
    ...(subresources.length === 0 ? {} : { subresources }),
  };
}

function aggregated(list: readonly Group[]): object {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: list.map((group) => ({
      metadata: group.name === '' ? {} : { name: group.name },
      versions: [
        {
          version: group.version,
          resources: group.resources
            .filter((resource) => !resource.name.includes('/'))
            .map((resource) => aggregatedResource(group, resource)),
          freshness: 'Current',
        },
      ],
    })),
  };
}

export interface Discovered {
  body: object;
  /** Set for the aggregated form, which clients cache. */
  etag?: string;
}

function withTag(body: object): Discovered {
  const hash = createHash('sha512').update(JSON.stringify(body)).digest('hex').toUpperCase();
  return { body, etag: `"${hash}"` };
}

const core = groups.get('');
const aggregatedCore = withTag(aggregated(core === undefined ? [] : [core]));
const aggregatedGroups = withTag(aggregated(named));

/** The answer to a discovery path, or undefined when the path is none of them. */
export function discover(path: string): Discovered | undefined {
  const [, root, group, version, ...rest] = path.replace(/\/$/, '').split('/');
  if (rest.length > 0) {
    return undefined;
  }
  if (root === 'api' && group === undefined) {
    return aggregatedCore;
  }
  if (root === 'api' && group === 'v1' && version === undefined && core !== undefined) {
    return { body: { kind: 'APIResourceList', groupVersion: 'v1', resources: core.resources } };
  }
  if (root !== 'apis') {
    return undefined;
  }
  if (group === undefined) {
    return aggregatedGroups;
  }
  const found = groups.get(group);
  if (found === undefined || version !== found.version) {
    return undefined;
  }
  const groupVersion = `${group}/${version}`;
  return {
    body: { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: found.resources },
  };
}

/** Whether a group is served at all: an unknown one is a plain 404, not a Status. */
export function servesGroup(group: string): boolean {
  return groups.has(group);
}

/** The row of a stored resource in a URL. */
export function kindAt(group: string, version: string, plural: string): KindInfo | undefined {
  const info = kindOf(resourceName({ group, plural }));
  return info?.version === version ? info : undefined;
}
