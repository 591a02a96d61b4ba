import { asString, isObject } from '../../json.js';
import type { JsonObject } from '../../json.js';
import type { KubeObject } from '../../objects.js';
import { rootType } from '../../schema/field-types.js';
import type { KindInfo } from '../../schema/kinds.js';
import { apiVersion } from '../../schema/kinds.js';
import { timestamp } from '../../store/metadata.js';
import type { FieldTracker } from '../write.js';
import { FieldSet } from './field-set.js';
import type { Shape } from './typed.js';
import { compare } from './typed.js';

/** One manager of an object and what it owns. */
export interface Manager {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  subresource?: string;
  time?: string;
  fields: FieldSet;
}

/** The server's own fields, which nobody manages. */
const systemMetadata = new Set([
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'selfLink',
  'managedFields',
]);

/** The shape of a whole object of a kind. */
export function rootShape(info: KindInfo): Shape {
  return { form: 'struct', name: rootType(apiVersion(info), info.kind) ?? info.kind };
}

/** The part of an object that managers own: without identity, and without the status or only it. */
export function managedPart(object: JsonObject, info: KindInfo, subresource?: string): JsonObject {
  const { kind: _, apiVersion: __, metadata, ...rest } = object;
  const kept: JsonObject = {};
  if (isObject(metadata)) {
    for (const key of Object.keys(metadata)) {
      if (!systemMetadata.has(key)) {
        kept[key] = metadata[key];
      }
    }
  }
  if (info.status && subresource === undefined) {
    delete rest['status'];
  }
  return Object.keys(kept).length === 0 ? rest : { ...rest, metadata: kept };
}

export function readManagers(object: KubeObject | undefined): Manager[] {
  return (object?.metadata.managedFields ?? []).filter(isObject).map((entry) => {
    const subresource = asString(entry['subresource']);
    const time = asString(entry['time']);
    return {
      manager: asString(entry['manager']) ?? '',
      operation: entry['operation'] === 'Apply' ? 'Apply' : 'Update',
      apiVersion: asString(entry['apiVersion']) ?? '',
      ...(subresource === undefined ? {} : { subresource }),
      ...(time === undefined ? {} : { time }),
      fields: FieldSet.parse(entry['fieldsV1']),
    };
  });
}

function byAge(a: Manager, b: Manager): number {
  if (a.operation !== b.operation) {
    return a.operation === 'Apply' ? -1 : 1;
  }
  const left = `${a.time ?? ''} ${a.manager}`;
  return left < `${b.time ?? ''} ${b.manager}` ? -1 : 1;
}

export function writeManagers(managers: readonly Manager[]): JsonObject[] {
  return managers
    .filter(({ fields }) => !fields.empty)
    .toSorted(byAge)
    .map(({ fields, manager, operation, time, subresource, ...rest }) => ({
      manager,
      operation,
      apiVersion: rest.apiVersion,
      ...(time === undefined ? {} : { time }),
      fieldsType: 'FieldsV1',
      fieldsV1: fields.toFieldsV1(),
      ...(subresource === undefined ? {} : { subresource }),
    }));
}

/** Notes the fields that plain writes (POST, PUT, the other patches) set, change and remove. */
export const updateTracker: FieldTracker = {
  update(info, draft, old, manager, subresource) {
    const { managedFields: given, ...metadata } = draft.metadata;
    const shape = rootShape(info);
    const before = old === undefined ? {} : managedPart(old, info, subresource);
    const now = managedPart(draft, info, subresource);
    const { changed, removed } = compare(before, now, shape);
    changed.member = false;
    if (old !== undefined && changed.empty && removed.empty) {
      return;
    }
    const cleared = Array.isArray(given) && given.length === 0;
    const managers = cleared || old === undefined ? [] : readManagers(old);
    const own = managers.find(
      (one) => one.operation === 'Update' && one.manager === manager && one.subresource === subresource,
    );
    const gone = changed.union(removed);
    const others = managers
      .filter((one) => one !== own)
      .map((one) => ({ ...one, fields: one.fields.difference(gone) }));
    const mine: Manager = {
      manager,
      operation: 'Update',
      apiVersion: apiVersion(info),
      ...(subresource === undefined ? {} : { subresource }),
      time: timestamp(),
      fields: (own?.fields ?? new FieldSet()).difference(removed).union(changed),
    };
    draft.metadata = { ...metadata, managedFields: writeManagers([...others, mine]) };
  },
};
