import { asObject, asString, at, isObject } from '../json.js';
import type { JsonObject } from '../json.js';
import type { ApiError } from '../store/api-error.js';
import { badRequest, invalid } from '../store/api-error.js';
import { timestamp } from '../store/metadata.js';
import type { Registry } from '../store/registry.js';
import type { Attributes, Rbac } from './auth/rbac.js';
import type { Tokens } from './auth/tokens.js';
import { AUDIENCE } from './auth/tokens.js';
import { readBody } from './body.js';
import { mediaType, parseJson, parseYaml } from './codec.js';
import type { Exchange } from './exchange.js';
import type { SpecialHandler } from './router.js';
import { methodNotAllowed } from './resource-handler.js';

/** Seconds. */
const SHORTEST_TOKEN = 600;
const DEFAULT_TOKEN = 3600;

/** Reads a small body, in JSON or YAML. */
async function readReview(exchange: Exchange): Promise<JsonObject> {
  if (exchange.info.method !== 'POST') {
    throw methodNotAllowed();
  }
  const body = await readBody(exchange.request);
  const media = mediaType(exchange.request.headers['content-type']);
  try {
    const text = body.toString('utf8');
    return asObject(media === 'application/yaml' ? parseYaml(text) : parseJson(text));
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

/** SelfSubjectAccessReview: whether the one who asks may do something. */
export function accessReviewHandler(rbac: Rbac): SpecialHandler {
  const kind = 'SelfSubjectAccessReview';
  return async (exchange) => {
    const spec = asObject((await readReview(exchange))['spec']);
    if (spec['resourceAttributes'] === undefined && spec['nonResourceAttributes'] === undefined) {
      const message =
        'Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified';
      throw invalid(kind, 'authorization.k8s.io', '', [
        { reason: 'FieldValueInvalid', message, field: 'spec.resourceAttributes' },
      ]);
    }
    const { allowed, reason } = rbac.decide(exchange.user, attributes(spec));
    exchange.send(201, {
      kind,
      apiVersion: 'authorization.k8s.io/v1',
      metadata: {},
      spec,
      status: { allowed, ...(reason === '' ? {} : { reason }) },
    });
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
