import { asNumber, asObject, at, cloneJson, isObject } from '../json.js';
import type { JsonObject } from '../json.js';
import type { KubeObject } from '../objects.js';
import type { KindInfo } from '../schema/kinds.js';
import { resourceName } from '../schema/kinds.js';
import { ApiError, badRequest, conflict, invalid } from '../store/api-error.js';
import type { Registry } from '../store/registry.js';
import { readBody } from './body.js';
import { mediaType, parseJson, parseYaml } from './codec.js';
import { applyPatch, patchTypes } from './patch/patch.js';
import type { SpecialHandler } from './router.js';
import { methodNotAllowed } from './resource-handler.js';
import { writeOptions } from './write-options.js';
import type { Writer } from './write.js';
import { toKubeObject } from './write.js';

/** `autoscaling/v1` Scale of a workload. A replica count of 0 is left out of the spec, as Go does. */
function scaleOf(object: KubeObject): JsonObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const replicas = asNumber(at(object, 'spec', 'replicas')) ?? 0;
  const labels = asObject(at(object, 'spec', 'selector', 'matchLabels'));
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: replicas === 0 ? {} : { replicas },
    status: {
      replicas: asNumber(at(object, 'status', 'replicas')) ?? 0,
      selector: Object.entries(labels)
        .map(([key, value]) => `${key}=${String(value)}`)
        .join(','),
    },
  };
}

function wantedScale(method: string, media: string, current: JsonObject, body: Buffer): JsonObject {
  if (method === 'PUT') {
    try {
      const text = body.toString('utf8');
      const { value } = media === 'application/yaml' ? parseYaml(text) : parseJson(text);
      return asObject(value);
    } catch (error) {
      throw badRequest(error instanceof Error ? error.message : String(error), error);
    }
  }
  const type = patchTypes.find((one) => one === media);
  if (type === undefined) {
    throw new ApiError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
  }
  return applyPatch(type, current, body, 'Scale');
}

/** GET, PUT and PATCH of `deployments/NAME/scale` and its like. */
export function scaleHandler(registry: Registry, writer: Writer): SpecialHandler {
  return async (exchange, { namespace, name = '' }, info?: KindInfo) => {
    if (info === undefined) {
      throw methodNotAllowed();
    }
    const { method, query } = exchange.info;
    const body = await readBody(exchange.request);
    const old = registry.existing(resourceName(info), namespace, name);
    const current = scaleOf(old);
    if (method === 'GET') {
      exchange.send(200, current);
      return;
    }
    if (method !== 'PUT' && method !== 'PATCH') {
      throw methodNotAllowed();
    }
    const { headers } = exchange.request;
    const options = writeOptions(
      method === 'PUT' ? 'UpdateOptions' : 'PatchOptions',
      query,
      headers['user-agent'],
    );
    exchange.dryRun = options.dryRun;
    const wanted = wantedScale(method, mediaType(headers['content-type']), current, body);
    const version = at(wanted, 'metadata', 'resourceVersion');
    if (version !== undefined && version !== old.metadata.resourceVersion) {
      throw conflict(
        resourceName(info),
        name,
        'the object has been modified; please apply your changes to the latest version and try again',
      );
    }
    const replicas = at(wanted, 'spec', 'replicas') ?? 0;
    if (typeof replicas !== 'number' || !Number.isInteger(replicas) || replicas < 0) {
      const message = `Invalid value: ${JSON.stringify(replicas)}: must be greater than or equal to 0`;
      throw invalid('Scale', 'autoscaling', name, [
        { reason: 'FieldValueInvalid', message, field: 'spec.replicas' },
      ]);
    }
    const draft = cloneJson(old);
    if (isObject(draft['spec'])) {
      draft['spec']['replicas'] = replicas;
    }
    const place = { info, namespace, name };
    const stored = writer.store(place, old, toKubeObject(draft, name), exchange, options.manager);
    exchange.send(200, scaleOf(stored));
  };
}
