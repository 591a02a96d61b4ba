import { isObject, type Json, type JsonObject } from '../json.js';

/** The properties of an object schema, each with its `$ref` (into the same document) followed. */
export function propertiesOf(schema: JsonObject, root: JsonObject): [string, JsonObject][] {
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  return Object.entries(properties).map(([name, part]) => [name, resolved(part, root)]);
}

/** The schema behind a `$ref`; one that leads nowhere allows anything. */
export function resolved(schema: Json | undefined, root: JsonObject): JsonObject {
  if (!isObject(schema)) return {};
  const reference = schema['$ref'];
  if (typeof reference !== 'string') return schema;
  const [, holder = '', name = ''] = reference.split('/');
  const definitions = root[holder];
  const found = isObject(definitions) ? definitions[name] : undefined;
  return isObject(found) ? found : {};
}

/** Whether the schema takes a value of the type, in one of its variants. */
export function allows(schema: JsonObject, type: string): boolean {
  const variants = schema['anyOf'];
  return (Array.isArray(variants) ? variants.filter(isObject) : [schema]).some((each) =>
    Array.isArray(each['type']) ? each['type'].includes(type) : each['type'] === type,
  );
}

/** The plainest value that the schema takes: what it says itself, else null, an empty list, false, 0 or `text`. */
export function plainest(schema: JsonObject, root: JsonObject, text: string): Json {
  if (schema['const'] !== undefined) return schema['const'];
  if (Array.isArray(schema['enum'])) return schema['enum'][0] ?? null;
  if (allows(schema, 'null')) return null;
  if (allows(schema, 'array')) return [];
  if (allows(schema, 'boolean')) return false;
  if (allows(schema, 'number') || allows(schema, 'integer')) return Number(schema['minimum'] ?? 0);
  if (allows(schema, 'object')) {
    return Object.fromEntries(
      propertiesOf(schema, root).map(([name, part]) => [name, plainest(part, root, text)]),
    );
  }
  return text;
}

const NESTED = new Set(['properties', '$defs', 'definitions']);

/**
 * What OpenAI would refuse about a schema sent with `strict: true`, or undefined: every object closes itself and
 * requires all of its properties. Without this, a schema that works here would fail at the real service.
 */
export function strictProblem(schema: Json | undefined, depth = 0): string | undefined {
  if (!isObject(schema) || depth > 60) return undefined;
  if (schema['type'] === 'object') {
    if (schema['additionalProperties'] !== false) {
      return "'additionalProperties' is required to be supplied and to be false.";
    }
    const required = Array.isArray(schema['required']) ? schema['required'] : [];
    const names = isObject(schema['properties']) ? Object.keys(schema['properties']) : [];
    const missing = names.find((name) => !required.includes(name));
    if (missing !== undefined)
      return `'required' must include every key in properties. Missing '${missing}'.`;
  }
  const parts = Object.entries(schema).flatMap(([keyword, part]) => {
    if (NESTED.has(keyword) && isObject(part)) return Object.values(part);
    return keyword === 'anyOf' && Array.isArray(part) ? part : keyword === 'items' ? [part] : [];
  });
  return parts.map((part) => strictProblem(part, depth + 1)).find((problem) => problem !== undefined);
}
