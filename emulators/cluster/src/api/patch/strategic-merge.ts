import { asArray, equalJson, isObject } from '../../json.js';
import type { JsonObject } from '../../json.js';
import type { FieldType } from '../../schema/field-types.js';
import { struct } from '../../schema/field-types.js';
import { isSet, patchMergeKey } from '../../schema/list-types.js';
import { ApiError } from '../../store/api-error.js';

const DELETE_PRIMITIVES = '$deleteFromPrimitiveList/';

/** Items are told apart by their merge key; a new one goes to the end. */
function mergeLists(target: unknown[], patch: unknown[], mergeKey: string, items: FieldType): unknown[] {
  if (patch.some((item) => isObject(item) && item['$patch'] === 'replace')) {
    return patch.filter((item) => !(isObject(item) && item['$patch'] === 'replace'));
  }
  const result = [...target];
  for (const item of patch) {
    if (!isObject(item) || item[mergeKey] === undefined) {
      throw new ApiError(500, '', `an item of the patch does not contain declared merge key: ${mergeKey}`);
    }
    const found = result.findIndex((one) => isObject(one) && equalJson(one[mergeKey], item[mergeKey]));
    const merged = item['$patch'] === 'delete' ? [] : [mergeValue(result[found], item, items)];
    result.splice(found < 0 ? result.length : found, found < 0 ? 0 : 1, ...merged);
  }
  return result;
}

function mergeValue(target: unknown, patch: JsonObject, type: FieldType | undefined): JsonObject {
  const { $patch: directive, ...rest } = patch;
  if (directive === 'replace') {
    return rest;
  }
  return directive === 'delete'
    ? {}
    : strategicMerge(isObject(target) ? target : {}, rest, type?.form === 'struct' ? type.name : '');
}

/**
 * Kubernetes' strategic merge patch for a struct of the schema, but for the order of lists. `target` is not changed.
 * @throws ApiError 500 (as a real server) for a list item without its merge key.
 */
export function strategicMerge(target: JsonObject, patch: JsonObject, name: string): JsonObject {
  const fields = struct(name);
  const result: JsonObject = { ...target };
  const kept = patch['$retainKeys'];
  for (const key of Object.keys(patch)) {
    const value = patch[key];
    const type = fields?.get(key);
    const mergeKey = patchMergeKey(name, key);
    if (key.startsWith(DELETE_PRIMITIVES)) {
      const field = key.slice(DELETE_PRIMITIVES.length);
      result[field] = asArray(result[field]).filter((item) => !asArray(value).includes(item));
    } else if (key.startsWith('$')) {
      continue;
    } else if (value === null) {
      delete result[key];
    } else if (isObject(value)) {
      result[key] = mergeValue(result[key], value, type);
    } else if (Array.isArray(value) && mergeKey !== undefined && type?.form === 'list') {
      result[key] = mergeLists(asArray(result[key]), value, mergeKey, type.items);
    } else if (Array.isArray(value) && isSet(name, key)) {
      result[key] = [...new Set([...asArray(result[key]), ...value])];
    } else {
      result[key] = value;
    }
  }
  return Array.isArray(kept)
    ? Object.fromEntries(Object.entries(result).filter(([key]) => kept.includes(key)))
    : result;
}
