import { isObject } from '../../json.js';
import type { JsonObject } from '../../json.js';

/** Sets each field that is absent. */
export function setDefaults(target: JsonObject, defaults: JsonObject): void {
  for (const key of Object.keys(defaults)) {
    target[key] ??= defaults[key];
  }
}

/** The object in a field, made if it is absent. */
export function ensureObject(target: JsonObject, key: string): JsonObject {
  const value = target[key];
  if (isObject(value)) {
    return value;
  }
  const made: JsonObject = {};
  target[key] = made;
  return made;
}
