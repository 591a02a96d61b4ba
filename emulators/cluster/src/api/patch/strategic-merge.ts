import { asArray, equalJson, isObject } from '../../json.js';
import type { JsonObject } from '../../json.js';
import type { FieldType } from '../../schema/field-types.js';
import { struct } from '../../schema/field-types.js';
import { isSet, patchMergeKey } from '../../schema/list-types.js';
import { ApiError } from '../../store/api-error.js';

const ORDER = '$setElementOrder/';
const DELETE_PRIMITIVES = '$deleteFromPrimitiveList/';
const RETAIN = '$retainKeys';

function goMap(value: JsonObject): string {
  return `map[${Object.keys(value)
    .toSorted()
    .map((key) => `${key}:${String(value[key])}`)
    .join(' ')}]`;
}

function keyOf(item: unknown, mergeKey: string): unknown {
  if (!isObject(item) || item[mergeKey] === undefined) {
    const shown = isObject(item) ? goMap(item) : String(item);
    throw new ApiError(500, '', `map: ${shown} does not contain declared merge key: ${mergeKey}`);
  }
  return item[mergeKey];
}

/** Items as `$setElementOrder` wants them; those it does not name keep their place behind the one before. */
function reorder(items: unknown[], order: unknown[], key: (item: unknown) => unknown): unknown[] {
  const wanted = order.map(key);
  const rank = (item: unknown) => wanted.findIndex((one) => equalJson(one, key(item)));
  const named = items.filter((item) => rank(item) >= 0).toSorted((a, b) => rank(a) - rank(b));
  let next = 0;
  return items.map((item) => {
    if (rank(item) < 0) {
      return item;
    }
    next += 1;
    return named[next - 1];
  });
}

function mergeLists(target: unknown[], patch: unknown[], mergeKey: string, items: FieldType): unknown[] {
  if (patch.some((item) => isObject(item) && item['$patch'] === 'replace')) {
    return patch.filter((item) => !(isObject(item) && item['$patch'] === 'replace'));
  }
  const result = [...target];
  for (const item of patch) {
    const key = keyOf(item, mergeKey);
    const position = result.findIndex((one) => isObject(one) && equalJson(one[mergeKey], key));
    if (isObject(item) && item['$patch'] === 'delete') {
      if (position >= 0) {
        result.splice(position, 1);
      }
    } else if (isObject(item)) {
      const merged = mergeValue(position < 0 ? {} : result[position], item, items);
      result.splice(position < 0 ? result.length : position, position < 0 ? 0 : 1, merged);
    }
  }
  return result;
}

function mergeValue(target: unknown, patch: JsonObject, type: FieldType | undefined): unknown {
  if (patch['$patch'] === 'replace') {
    const { $patch: _, ...rest } = patch;
    return rest;
  }
  if (patch['$patch'] === 'delete') {
    return {};
  }
  return type?.form === 'struct' ? mergeStruct(target, patch, type.name) : mergeStruct(target, patch, '');
}

function mergeStruct(target: unknown, patch: JsonObject, name: string): JsonObject {
  const fields = struct(name);
  const result: JsonObject = isObject(target) ? { ...target } : {};
  for (const key of Object.keys(patch)) {
    const value = patch[key];
    if (key.startsWith('$')) {
      directive(result, name, key, value);
      continue;
    }
    const type = fields?.get(key);
    if (value === null) {
      delete result[key];
    } else if (Array.isArray(value)) {
      const mergeKey = patchMergeKey(name, key);
      if (mergeKey !== undefined && type?.form === 'list') {
        result[key] = mergeLists(asArray(result[key]), value, mergeKey, type.items);
      } else if (isSet(name, key)) {
        const old = asArray(result[key]);
        result[key] = [...old, ...value.filter((item) => !old.some((one) => equalJson(one, item)))];
      } else {
        result[key] = value;
      }
    } else if (isObject(value)) {
      result[key] = mergeValue(result[key], value, type);
    } else {
      result[key] = value;
    }
  }
  for (const key of Object.keys(patch).filter((one) => one.startsWith(ORDER))) {
    const field = key.slice(ORDER.length);
    const mergeKey = patchMergeKey(name, field);
    const list = asArray(result[field]);
    const identity = (item: unknown) => (isObject(item) && mergeKey !== undefined ? item[mergeKey] : item);
    result[field] = reorder(list, asArray(patch[key]), identity);
    if (list.length === 0) {
      delete result[field];
    }
  }
  return result;
}

function directive(result: JsonObject, name: string, key: string, value: unknown): void {
  if (key.startsWith(DELETE_PRIMITIVES)) {
    const field = key.slice(DELETE_PRIMITIVES.length);
    const gone = asArray(value);
    result[field] = asArray(result[field]).filter((item) => !gone.some((one) => equalJson(one, item)));
  } else if (key === RETAIN) {
    const kept = asArray(value);
    for (const field of Object.keys(result)) {
      if (!kept.includes(field)) {
        delete result[field];
      }
    }
  } else if (!key.startsWith(ORDER)) {
    throw new ApiError(400, 'BadRequest', `unknown directive ${key} in a patch of ${name}`);
  }
}

/**
 * Kubernetes' strategic merge patch for a struct of the schema. `target` is not changed.
 * @throws ApiError 500 (as a real server) for a list item without its merge key.
 */
export function strategicMerge(target: JsonObject, patch: JsonObject, type: string): JsonObject {
  return mergeStruct(target, patch, type);
}
