import { isObject } from '../../json.js';
import type { JsonObject } from '../../json.js';

/** RFC 7386. `target` is not changed. */
export function mergePatch(target: unknown, patch: JsonObject): JsonObject {
  const result: JsonObject = isObject(target) ? { ...target } : {};
  for (const key of Object.keys(patch)) {
    const value = patch[key];
    if (value === null) {
      delete result[key];
    } else if (isObject(value)) {
      result[key] = mergePatch(result[key], value);
    } else {
      result[key] = value;
    }
  }
  return result;
}
