import { asArray, asString, at, objectsIn } from '../../json.js';
import type { JsonObject } from '../../json.js';
import type { KubeObject } from '../../objects.js';
import type { Registry } from '../../store/registry.js';
import type { User } from '../exchange.js';

const ROLES = 'roles.rbac.authorization.k8s.io';
const CLUSTER_ROLES = 'clusterroles.rbac.authorization.k8s.io';
const ROLE_BINDINGS = 'rolebindings.rbac.authorization.k8s.io';
const CLUSTER_ROLE_BINDINGS = 'clusterrolebindings.rbac.authorization.k8s.io';

/** What somebody wants to do. `path` is for what is no resource. */
export interface Attributes {
  verb: string;
  group?: string;
  resource?: string;
  subresource?: string;
  namespace?: string;
  name?: string;
  path?: string;
}

export interface Decision {
  allowed: boolean;
  /** Which binding allows it, in the words of a real server. */
  reason: string;
}

/** Open to everybody, and to everybody with credentials, as the default cluster roles have it. */
const publicPaths = ['/healthz', '/livez', '/readyz', '/version', '/version/'];
const discoveryPaths = ['/api', '/api/*', '/apis', '/apis/*', '/openapi', '/openapi/*', '/'];
const selfReviews = ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'];

function matches(patterns: unknown, value: string): boolean {
  return asArray(patterns).some((pattern) => pattern === '*' || pattern === value);
}

function matchesPath(patterns: readonly unknown[], path: string): boolean {
  return patterns.some(
    (pattern) =>
      pattern === '*' ||
      pattern === path ||
      (typeof pattern === 'string' && pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1))),
  );
}

/** Whether one rule of a role covers the attributes. */
export function ruleAllows(rule: JsonObject, attributes: Attributes): boolean {
  if (!matches(rule['verbs'], attributes.verb)) {
    return false;
  }
  if (attributes.resource === undefined) {
    return matchesPath(asArray(rule['nonResourceURLs']), attributes.path ?? '');
  }
  const { resource, subresource } = attributes;
  const wanted = subresource === undefined ? resource : `${resource}/${subresource}`;
  const resources = asArray(rule['resources']);
  const names = asArray(rule['resourceNames']);
  return (
    matches(rule['apiGroups'], attributes.group ?? '') &&
    (matches(resources, wanted) || (subresource !== undefined && resources.includes(`*/${subresource}`))) &&
    (names.length === 0 || names.includes(attributes.name))
  );
}

/** Evaluates Roles, ClusterRoles and their bindings as they are stored. */
export class Rbac {
  private readonly registry: Registry;

  constructor(registry: Registry) {
    this.registry = registry;
  }

  decide(user: User, attributes: Attributes): Decision {
    if (user.groups.includes('system:masters')) {
      return { allowed: true, reason: '' };
    }
    if (this.#byDefault(user, attributes)) {
      return { allowed: true, reason: '' };
    }
    for (const { binding, rules } of this.#bindings(user, attributes.namespace)) {
      if (rules.some((rule) => ruleAllows(rule, attributes))) {
        const { kind, metadata } = binding;
        const where = metadata.namespace === undefined ? '' : `/${metadata.namespace}`;
        const role = at(binding, 'roleRef');
        return {
          allowed: true,
          reason: `RBAC: allowed by ${kind} "${metadata.name}${where}" of ${String(at(role, 'kind'))} "${String(at(role, 'name'))}" to ${subjectText(user)}`,
        };
      }
    }
    return { allowed: false, reason: '' };
  }

  /** All rules that apply to a user in a namespace. */
  rules(user: User, namespace: string): JsonObject[] {
    if (user.groups.includes('system:masters')) {
      return [
        { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
        { verbs: ['*'], nonResourceURLs: ['*'] },
      ];
    }
    const own = { verbs: ['create'], apiGroups: ['authorization.k8s.io'], resources: selfReviews };
    const paths = { verbs: ['get'], nonResourceURLs: [...publicPaths, ...discoveryPaths] };
    return [own, paths, ...[...this.#bindings(user, namespace)].flatMap(({ rules }) => rules)];
  }

  #byDefault(user: User, { verb, resource, group, path = '' }: Attributes): boolean {
    const known = user.groups.includes('system:authenticated');
    if (resource === undefined) {
      const open = known ? [...publicPaths, ...discoveryPaths] : publicPaths;
      const probe = /^\/(healthz|livez|readyz)\//.test(path) && known;
      return verb === 'get' && (matchesPath(open, path) || probe);
    }
    return known && verb === 'create' && group === 'authorization.k8s.io' && selfReviews.includes(resource);
  }

  *#bindings(
    user: User,
    namespace: string | undefined,
  ): Generator<{ binding: KubeObject; rules: JsonObject[] }> {
    const candidates = [
      ...this.registry.list(CLUSTER_ROLE_BINDINGS),
      ...(namespace === undefined ? [] : this.registry.list(ROLE_BINDINGS, { namespace })),
    ];
    for (const binding of candidates) {
      if (objectsIn(binding['subjects']).some((subject) => isSubject(subject, user, binding))) {
        yield { binding, rules: this.#rulesOf(binding) };
      }
    }
  }

  #rulesOf(binding: KubeObject): JsonObject[] {
    const name = asString(at(binding, 'roleRef', 'name')) ?? '';
    const role =
      at(binding, 'roleRef', 'kind') === 'ClusterRole'
        ? this.registry.get(CLUSTER_ROLES, undefined, name)
        : this.registry.get(ROLES, binding.metadata.namespace, name);
    return objectsIn(role?.['rules']);
  }
}

function isSubject(subject: JsonObject, user: User, binding: KubeObject): boolean {
  const name = asString(subject['name']) ?? '';
  switch (subject['kind']) {
    case 'User':
      return user.name === name;
    case 'Group':
      return user.groups.includes(name);
    case 'ServiceAccount': {
      const namespace = asString(subject['namespace']) ?? binding.metadata.namespace ?? '';
      return user.name === `system:serviceaccount:${namespace}:${name}`;
    }
    default:
      return false;
  }
}

function subjectText(user: User): string {
  const parts = user.name.split(':');
  return parts[1] === 'serviceaccount' && parts.length === 4
    ? `ServiceAccount "${parts[3]}/${parts[2]}"`
    : `User "${user.name}"`;
}
