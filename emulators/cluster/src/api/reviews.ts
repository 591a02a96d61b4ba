import { asObject, asString, at, isObject, objectsIn, scalarText } from '../json.js';
import type { JsonObject } from '../json.js';
import { ApiError, badRequest, invalid } from '../store/api-error.js';
import { timestamp } from '../store/metadata.js';
import type { Registry } from '../store/registry.js';
import type { Attributes, Rbac } from './auth/rbac.js';
import type { Tokens } from './auth/tokens.js';
import { AUDIENCE } from './auth/tokens.js';
import { readBody } from './body.js';
import { mediaType, parseJson, parseYaml } from './codec.js';
import type { Exchange, User } from './exchange.js';
import { decodeProtobuf } from './protobuf/decode.js';
import type { SpecialHandler, SpecialHandlers } from './router.js';
import { methodNotAllowed } from './resource-handler.js';

/** Seconds. */
const SHORTEST_TOKEN = 600;
const DEFAULT_TOKEN = 3600;

/** Reads a small body, in JSON, YAML or, as kubectl sends these, protobuf. */
async function readReview(exchange: Exchange): Promise<JsonObject> {
  if (exchange.info.method !== 'POST') {
    throw methodNotAllowed();
  }
  const body = await readBody(exchange.request);
  const media = mediaType(exchange.request.headers['content-type']);
  if (media === 'application/vnd.kubernetes.protobuf') {
    return decodeProtobuf(body);
  }
  try {
    const text = body.toString('utf8');
    const { value } = media === 'application/yaml' ? parseYaml(text) : parseJson(text);
    return asObject(value);
  } catch (error) {
    throw badRequest(error instanceof Error ? error.message : String(error), error);
  }
}

function attributes(spec: JsonObject): Attributes {
  const resource = spec['resourceAttributes'];
  const text = (value: unknown, key: string) => {
    const found = asString(at(value, key));
    return found ? { [key]: found } : {};
  };
  if (!isObject(resource)) {
    const path = spec['nonResourceAttributes'];
    return { verb: asString(at(path, 'verb')) ?? '', path: asString(at(path, 'path')) ?? '' };
  }
  return {
    verb: asString(resource['verb']) ?? '',
    resource: asString(resource['resource']) ?? '',
    group: asString(resource['group']) ?? '',
    ...text(resource, 'subresource'),
    ...text(resource, 'namespace'),
    ...text(resource, 'name'),
  };
}

function accessReview(
  rbac: Rbac,
  kind: string,
  userOf: (spec: JsonObject, asking: User) => User,
): SpecialHandler {
  return async (exchange) => {
    const spec = asObject((await readReview(exchange))['spec']);
    if (spec['resourceAttributes'] === undefined && spec['nonResourceAttributes'] === undefined) {
      const message =
        'Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified';
      throw invalid(kind, 'authorization.k8s.io', '', [
        { reason: 'FieldValueInvalid', message, field: 'spec.resourceAttributes' },
      ]);
    }
    const decision = rbac.decide(userOf(spec, exchange.user), attributes(spec));
    const { allowed, reason } = decision;
    exchange.send(201, {
      kind,
      apiVersion: 'authorization.k8s.io/v1',
      metadata: {},
      spec,
      status: { allowed, ...(reason === '' ? {} : { reason }) },
    });
  };
}

function namedUser(spec: JsonObject): User {
  const groups = Array.isArray(spec['groups']) ? spec['groups'].map(String) : [];
  return { name: asString(spec['user']) ?? '', groups };
}

/** SelfSubjectAccessReview, SubjectAccessReview, LocalSubjectAccessReview, SelfSubjectRulesReview. */
export function reviewHandlers(rbac: Rbac): SpecialHandlers {
  return {
    selfsubjectaccessreviews: accessReview(rbac, 'SelfSubjectAccessReview', (_spec, user) => user),
    subjectaccessreviews: accessReview(rbac, 'SubjectAccessReview', namedUser),
    localsubjectaccessreviews: accessReview(rbac, 'LocalSubjectAccessReview', namedUser),
    selfsubjectrulesreviews: async (exchange) => {
      const spec = asObject((await readReview(exchange))['spec']);
      const rules = rbac.rules(exchange.user, asString(spec['namespace']) ?? '');
      exchange.send(201, {
        kind: 'SelfSubjectRulesReview',
        apiVersion: 'authorization.k8s.io/v1',
        metadata: {},
        spec: {},
        status: {
          resourceRules: rules.filter((rule) => rule['resources'] !== undefined),
          nonResourceRules: rules.filter((rule) => rule['nonResourceURLs'] !== undefined),
          incomplete: false,
        },
      });
    },
  };
}

function durationFault(seconds: number): ApiError | undefined {
  const message =
    seconds < SHORTEST_TOKEN
      ? 'may not specify a duration less than 10 minutes'
      : seconds > 2 ** 32
        ? 'may not specify a duration larger than 2^32 seconds'
        : undefined;
  return message === undefined
    ? undefined
    : invalid('TokenRequest', 'authentication.k8s.io', '', [
        {
          reason: 'FieldValueInvalid',
          message: `Invalid value: ${seconds}: ${message}`,
          field: 'spec.expirationSeconds',
        },
      ]);
}

/** `POST serviceaccounts/NAME/token`. */
export function tokenHandler(registry: Registry, tokens: Tokens): SpecialHandler {
  return async (exchange, { namespace = '', name = '' }) => {
    const spec = asObject((await readReview(exchange))['spec']);
    const account = registry.existing('serviceaccounts', namespace, name);
    const asked = spec['expirationSeconds'];
    const seconds = typeof asked === 'number' ? asked : DEFAULT_TOKEN;
    const fault = durationFault(seconds);
    if (fault !== undefined) {
      throw fault;
    }
    const bound = spec['boundObjectRef'];
    if (isObject(bound)) {
      const resource = bound['kind'] === 'Secret' ? 'secrets' : 'pods';
      registry.existing(resource, namespace, asString(bound['name']) ?? '');
    }
    const audiences = Array.isArray(spec['audiences']) ? spec['audiences'].map(String) : [];
    const effective = audiences.length === 0 ? [AUDIENCE] : audiences;
    const { uid } = account.metadata;
    exchange.send(201, {
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: { name, namespace, uid, creationTimestamp: timestamp() },
      spec: {
        audiences: effective,
        expirationSeconds: seconds,
        boundObjectRef: isObject(bound) ? bound : null,
      },
      status: {
        token: tokens.issue({ namespace, name, uid }, seconds, effective),
        expirationTimestamp: timestamp(Date.now() + seconds * 1000),
      },
    });
  };
}

/** `POST pods/NAME/eviction`: a deletion that asks the disruption budgets first. */
export function evictionHandler(registry: Registry): SpecialHandler {
  return async (exchange, { namespace = '', name = '' }) => {
    const eviction = await readReview(exchange);
    const pod = registry.existing('pods', namespace, name);
    const budget = registry
      .list('poddisruptionbudgets.policy', { namespace })
      .find(
        (one) =>
          covers(one['spec'], pod.metadata.labels ?? {}) && at(one, 'status', 'disruptionsAllowed') === 0,
      );
    if (budget !== undefined) {
      const message = `The disruption budget ${budget.metadata.name} needs ${scalarText(at(budget, 'status', 'desiredHealthy'))} healthy pods and has ${scalarText(at(budget, 'status', 'currentHealthy'))} currently`;
      throw new ApiError(
        429,
        'TooManyRequests',
        "Cannot evict pod as it would violate the pod's disruption budget.",
        { causes: [{ reason: 'DisruptionBudget', message }] },
      );
    }
    const grace = at(eviction, 'deleteOptions', 'gracePeriodSeconds');
    registry.delete('pods', namespace, name, typeof grace === 'number' ? { gracePeriodSeconds: grace } : {});
    exchange.send(201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 });
  };
}

function covers(spec: unknown, labels: Readonly<Record<string, string>>): boolean {
  const selector = asObject(at(spec, 'selector'));
  const pairs = Object.entries(asObject(selector['matchLabels']));
  return (
    objectsIn(selector['matchExpressions']).length === 0 &&
    pairs.every(([key, value]) => labels[key] === value)
  );
}
