import { isObject, scalarText } from '../../json.js';
import { struct } from '../../schema/field-types.js';
import type { FieldType, Scalar } from '../../schema/field-types.js';
import { listKeys, keyDefaults } from '../../schema/list-types.js';
import type { JsonObject } from '../../json.js';

const numeric = new Set<Scalar>(['int32', 'int64', 'double']);

function shown(value: unknown): string {
  return `&value.valueUnstructured{Value:${scalarText(value)}}`;
}

function kindOf(value: unknown): string {
  if (typeof value === 'string') {
    return 'string';
  }
  return shown(value);
}

function checkScalar(value: unknown, scalar: Scalar, path: string): string[] {
  if (scalar === 'any' || value === null) {
    return [];
  }
  if (numeric.has(scalar)) {
    return typeof value === 'number'
      ? []
      : [`${path}: expected numeric (int or float), got ${kindOf(value)}`];
  }
  if (scalar === 'boolean') {
    return typeof value === 'boolean' ? [] : [`${path}: expected boolean, got ${kindOf(value)}`];
  }
  if (scalar === 'intOrString' || scalar === 'quantity') {
    return typeof value === 'number' || typeof value === 'string'
      ? []
      : [`${path}: expected string, got ${shown(value)}`];
  }
  return typeof value === 'string' ? [] : [`${path}: expected string, got ${shown(value)}`];
}

function keyText(item: JsonObject, keys: readonly string[]): string {
  return `[${keys.map((key) => `${key}=${JSON.stringify(item[key] ?? keyDefaults[key] ?? '')}`).join(',')}]`;
}

function checkItems(
  value: unknown[],
  items: FieldType,
  keys: readonly string[] | undefined,
  path: string,
): string[] {
  const seen = new Set<string>();
  return value.flatMap((item, index) => {
    if (keys === undefined || !isObject(item)) {
      return checkValue(item, items, `${path}[${index}]`);
    }
    const missing = keys.filter((key) => item[key] === undefined && keyDefaults[key] === undefined);
    if (missing.length > 0) {
      return [
        `${path}: element ${index}: associative list with keys has an element that omits key field "${missing[0]}" (and doesn't have default value)`,
      ];
    }
    const key = keyText(item, keys);
    const faults = seen.has(key) ? [`${path}: duplicate entries for key ${key}`] : [];
    seen.add(key);
    return [...faults, ...checkValue(item, items, `${path}${key}`)];
  });
}

function checkValue(value: unknown, type: FieldType, path: string, keys?: readonly string[]): string[] {
  if (value === null || value === undefined) {
    return [];
  }
  switch (type.form) {
    case 'scalar':
      return checkScalar(value, type.scalar, path);
    case 'list':
      return Array.isArray(value)
        ? checkItems(value, type.items, keys, path)
        : [`${path}: expected list, got ${shown(value)}`];
    case 'map':
      return isObject(value)
        ? Object.keys(value).flatMap((key) => checkValue(value[key], type.values, `${path}.${key}`))
        : [`${path}: expected map, got ${shown(value)}`];
    default:
      return isObject(value)
        ? typeFaults(value, type.name, path)
        : [`${path}: expected map, got ${shown(value)}`];
  }
}

/** What the schema says against an applied configuration, in the words of structured merge. */
export function typeFaults(value: JsonObject, name: string, path = ''): string[] {
  const fields = struct(name);
  if (fields === undefined) {
    return [];
  }
  return Object.keys(value).flatMap((key) => {
    const type = fields.get(key);
    return type === undefined
      ? [`${path}.${key}: field not declared in schema`]
      : checkValue(value[key], type, `${path}.${key}`, listKeys(name, key));
  });
}
