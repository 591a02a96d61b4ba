import { asString, at, isObject } from '../../json.js';
import type { JsonObject } from '../../json.js';
import type { KubeObject } from '../../objects.js';
import { decode, DecodeError } from '../../schema/decode.js';
import { rootType } from '../../schema/field-types.js';
import type { KindInfo } from '../../schema/kinds.js';
import { apiVersion, resourceName } from '../../schema/kinds.js';
import type { WriteContext } from '../../store/admission.js';
import { ApiError, badRequest, invalid } from '../../store/api-error.js';
import type { Registry } from '../../store/registry.js';
import type { Validation } from '../codec.js';
import { parseJson } from '../codec.js';
import type { WriteOptions } from '../write-options.js';
import type { Place, Writer } from '../write.js';
import { checkIdentity, toKubeObject } from '../write.js';
import { mergePatch } from './merge-patch.js';
import { strategicMerge } from './strategic-merge.js';

export const patchTypes = ['application/merge-patch+json', 'application/strategic-merge-patch+json'] as const;
export type PatchType = (typeof patchTypes)[number];

function parsePatch(body: Buffer): unknown {
  try {
    return parseJson(body.toString('utf8'));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw badRequest(`error decoding patch: ${why}`, error);
  }
}

function objectPatch(value: unknown): JsonObject {
  if (isObject(value)) {
    return value;
  }
  const type = Array.isArray(value) ? 'array' : typeof value;
  throw badRequest(
    `error decoding patch: json: cannot unmarshal ${type} into Go value of type map[string]interface {}`,
  );
}

/** The patched content of an object. */
export function applyPatch(type: PatchType, target: JsonObject, body: Buffer, struct: string): JsonObject {
  const value = parsePatch(body);
  return type === 'application/merge-patch+json'
    ? mergePatch(target, objectPatch(value))
    : strategicMerge(target, objectPatch(value), struct);
}

function patchInvalid(object: JsonObject, why: string): ApiError {
  const message = `Invalid value: ${JSON.stringify(JSON.stringify(object))}: ${why}`;
  return new ApiError(422, 'Invalid', ` "" is invalid: patch: ${message}`, {
    causes: [{ reason: 'FieldValueInvalid', message, field: 'patch' }],
  });
}

function decodePatched(
  info: KindInfo,
  patched: JsonObject,
  validation: Validation,
  context: WriteContext,
): JsonObject {
  try {
    const type = rootType(apiVersion(info), info.kind) ?? info.kind;
    const { object, unknown } = decode(patched, type);
    const faults = unknown.map((field) => `unknown field "${field}"`);
    if (faults.length > 0 && validation === 'Strict') {
      throw patchInvalid(patched, `strict decoding error: ${faults.join(', ')}`);
    }
    if (validation === 'Warn') {
      faults.forEach((fault) => {
        context.warn(fault);
      });
    }
    return object;
  } catch (error) {
    if (error instanceof DecodeError) {
      throw patchInvalid(patched, error.message);
    }
    throw error;
  }
}

/** PATCH with a merge, JSON or strategic merge patch. */
export function patchObject(
  registry: Registry,
  writer: Writer,
  place: Place,
  type: PatchType,
  body: Buffer,
  options: WriteOptions,
  context: WriteContext,
): KubeObject {
  const { info, namespace, name } = place;
  const old = registry.existing(resourceName(info), namespace, name);
  const root = rootType(apiVersion(info), info.kind) ?? info.kind;
  const patched = applyPatch(type, old, body, root);
  checkIdentity(patched, namespace, name);
  const uid = asString(at(patched, 'metadata', 'uid'));
  if (uid && uid !== old.metadata.uid) {
    const message = `Invalid value: "${uid}": field is immutable`;
    throw invalid(info.kind, info.group, name, [
      { reason: 'FieldValueInvalid', message, field: 'metadata.uid' },
    ]);
  }
  const decoded = decodePatched(info, patched, options.validation, context);
  return writer.store(place, old, toKubeObject(decoded, name), context, options.manager);
}
