import { asObject, asString, at, cloneJson, equalJson, isObject } from '../../json.js';
import type { JsonObject } from '../../json.js';
import type { KubeObject } from '../../objects.js';
import { decode, DecodeError } from '../../schema/decode.js';
import { rootType } from '../../schema/field-types.js';
import type { KindInfo } from '../../schema/kinds.js';
import { apiVersion, resourceName } from '../../schema/kinds.js';
import { ApiError, badRequest, conflict } from '../../store/api-error.js';
import { timestamp } from '../../store/metadata.js';
import type { Registry } from '../../store/registry.js';
import { parseYaml } from '../codec.js';
import type { Exchange } from '../exchange.js';
import { metaInvalid } from '../list-options.js';
import type { Applier } from '../resource-handler.js';
import type { WriteOptions } from '../write-options.js';
import type { Place, Writer } from '../write.js';
import { checkIdentity, toKubeObject } from '../write.js';
import { FieldSet } from './field-set.js';
import type { Manager } from './managed-fields.js';
import { managedPart, readManagers, rootShape, writeManagers } from './managed-fields.js';
import { compare, merge, ownedFields, without } from './typed.js';
import { typeFaults } from './typed-check.js';

function parseConfiguration(body: Buffer): JsonObject {
  try {
    const value = parseYaml(body.toString('utf8'));
    return isObject(value) ? value : {};
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw badRequest(`error decoding YAML: error converting YAML to JSON: ${why}`, error);
  }
}

/** @throws ApiError 400 or 500, as a real server, for a configuration that cannot be applied here. */
function checkConfiguration(value: JsonObject, { info, namespace, name }: Place): void {
  if (at(value, 'metadata', 'managedFields') !== undefined) {
    throw badRequest('metadata.managedFields must be nil');
  }
  const version = asString(value['apiVersion']) ?? '';
  const kind = asString(value['kind']) ?? '';
  const groupVersion = version.includes('/') || version === '' ? version || '/' : `/${version}`;
  if (version !== apiVersion(info) || kind !== info.kind) {
    throw badRequest(`invalid object type: ${groupVersion}, Kind=${kind}`);
  }
  if (asString(at(value, 'metadata', 'name')) === undefined) {
    throw badRequest(
      `the name of the object (${name} based on URL) was undeterminable: name must be provided`,
    );
  }
  checkIdentity(value, namespace, name);
  const faults = typeFaults(value, rootType(version, kind) ?? kind);
  if (faults.length > 0) {
    const own = asString(at(value, 'metadata', 'namespace')) ?? '';
    throw new ApiError(
      500,
      '',
      `failed to create typed patch object (${own}/${name}; ${groupVersion}, Kind=${kind}): ${faults.join('\n')}`,
    );
  }
}

function conflictError(found: readonly { manager: Manager; paths: string[] }[]): ApiError {
  const name = ({ manager, operation, apiVersion: version, subresource }: Manager) =>
    operation === 'Apply'
      ? `"${manager}"`
      : `"${manager}"${subresource === undefined ? '' : ` with subresource "${subresource}"`} using ${version}`;
  const causes = found.flatMap(({ manager, paths }) =>
    paths.map((field) => ({
      reason: 'FieldManagerConflict',
      message: `conflict with ${name(manager)}`,
      field,
    })),
  );
  const [only] = causes;
  const list =
    causes.length === 1 && only !== undefined
      ? `${only.message}: ${only.field}`
      : found
          .map(
            ({ manager, paths }) =>
              `conflicts with ${name(manager)}:\n${paths.map((path) => `- ${path}`).join('\n')}`,
          )
          .join('\n');
  const count = causes.length === 1 ? '1 conflict' : `${causes.length} conflicts`;
  return new ApiError(409, 'Conflict', `Apply failed with ${count}: ${list}`, { causes });
}

/** Server-side apply. */
export class ServerSideApply implements Applier {
  private readonly registry: Registry;
  private readonly writer: Writer;

  constructor(registry: Registry, writer: Writer) {
    this.registry = registry;
    this.writer = writer;
  }

  apply(
    place: Place,
    body: Buffer,
    options: WriteOptions,
    exchange: Exchange,
  ): { object: KubeObject; created: boolean } {
    if (exchange.info.query.get('fieldManager') === null) {
      const message = 'Required value: is required for apply patch';
      throw metaInvalid('PatchOptions', [{ reason: 'FieldValueRequired', message, field: 'fieldManager' }]);
    }
    const { info, namespace, name } = place;
    const configuration = parseConfiguration(body);
    checkConfiguration(configuration, place);
    const live = this.registry.get(resourceName(info), namespace, name);
    if (live === undefined) {
      if (place.subresource !== undefined) {
        this.registry.existing(resourceName(info), namespace, name);
      }
      return { object: this.#create(info, namespace, configuration, options, exchange), created: true };
    }
    const version = asString(at(configuration, 'metadata', 'resourceVersion'));
    if (version && version !== live.metadata.resourceVersion) {
      throw conflict(
        resourceName(info),
        name,
        'the object has been modified; please apply your changes to the latest version and try again',
      );
    }
    return { object: this.#update(place, live, configuration, options, exchange), created: false };
  }

  #create(
    info: KindInfo,
    namespace: string | undefined,
    configuration: JsonObject,
    options: WriteOptions,
    exchange: Exchange,
  ): KubeObject {
    const value = decoded(info, configuration);
    return this.writer.createFrom(info, namespace, value, exchange, (draft) => {
      const applied = ownedFields(managedPart(configuration, info), rootShape(info));
      draft.metadata.managedFields = writeManagers([
        entry(options.manager, info, undefined, applied, timestamp()),
      ]);
    });
  }

  #update(
    place: Place,
    live: KubeObject,
    configuration: JsonObject,
    options: WriteOptions,
    exchange: Exchange,
  ): KubeObject {
    const { info, subresource } = place;
    const shape = rootShape(info);
    const config = managedPart(configuration, info, subresource);
    const applied = ownedFields(config, shape);
    applied.member = false;
    const managers = readManagers(live);
    const own = managers.find(
      (one) =>
        one.operation === 'Apply' && one.manager === options.manager && one.subresource === subresource,
    );
    let others = managers.filter((one) => one !== own);
    const before = managedPart(live, info, subresource);
    const merged = merge(before, config, shape);
    const { changed } = compare(before, merged, shape);
    const conflicts = others.flatMap((manager) => {
      const paths = manager.fields.intersection(changed).paths();
      return paths.length === 0 ? [] : [{ manager, paths }];
    });
    if (conflicts.length > 0 && !options.force) {
      throw conflictError(conflicts);
    }
    others = others.map((one) => ({ ...one, fields: one.fields.difference(changed) }));
    const kept = others.reduce((sum, one) => sum.union(one.fields), new FieldSet());
    const dropped = (own?.fields ?? new FieldSet()).difference(applied).difference(kept);
    const result = asObject(without(merged, dropped, shape));
    return this.#store(place, live, { result, applied, own, others }, options, exchange);
  }

  #store(
    place: Place,
    live: KubeObject,
    outcome: { result: JsonObject; applied: FieldSet; own: Manager | undefined; others: Manager[] },
    options: WriteOptions,
    exchange: Exchange,
  ): KubeObject {
    const { info, subresource, name } = place;
    const { result, applied, own, others } = outcome;
    const { metadata: managedMetadata, ...content } = result;
    const identity = Object.fromEntries(
      Object.entries(live.metadata).filter(
        ([key]) => !['labels', 'annotations', 'ownerReferences', 'finalizers', 'managedFields'].includes(key),
      ),
    );
    const value = decoded(info, {
      ...content,
      kind: info.kind,
      apiVersion: apiVersion(info),
      metadata: { ...identity, ...asObject(managedMetadata) },
    });
    const draft = toKubeObject(cloneJson(value), name);
    const same = equalJson(managedPart(draft, info, subresource), managedPart(live, info, subresource));
    const sameFields = own !== undefined && equalJson(own.fields.toFieldsV1(), applied.toFieldsV1());
    // The time tells of the last change of the object, not of the last request.
    const time = same ? own?.time : timestamp();
    const mine = same && sameFields ? own : entry(options.manager, info, subresource, applied, time);
    draft.metadata.managedFields = writeManagers([...others, mine]);
    return this.writer.store(place, live, draft, exchange, undefined);
  }
}

function entry(
  manager: string,
  info: KindInfo,
  subresource: string | undefined,
  fields: FieldSet,
  time: string | undefined,
): Manager {
  return {
    manager,
    operation: 'Apply',
    apiVersion: apiVersion(info),
    ...(subresource === undefined ? {} : { subresource }),
    ...(time === undefined ? {} : { time }),
    fields,
  };
}

function decoded(info: KindInfo, value: JsonObject): JsonObject {
  try {
    return decode(value, rootType(apiVersion(info), info.kind) ?? info.kind).object;
  } catch (error) {
    if (error instanceof DecodeError) {
      throw new ApiError(500, '', error.message, undefined, { cause: error });
    }
    throw error;
  }
}
