import { isObject, type Json, type JsonObject } from '../json.js';

/** The schema asks for something that cannot be produced; the message says where. */
export class UnsatisfiableSchema extends Error {
  override readonly name = 'UnsatisfiableSchema';
}

const MAX_REFERENCES = 32;

/**
 * The schema with a leading `$ref` followed (JSON pointers into the same document) and `allOf` merged.
 * @throws UnsatisfiableSchema when a reference leads nowhere, outside the document, or in a circle.
 */
export function resolveSchema(schema: Json, root: JsonObject, depth = 0): JsonObject {
  if (depth === MAX_REFERENCES) throw new UnsatisfiableSchema('allOf is nested without end');
  let current = asSchema(schema);
  for (let hops = 0; ; hops += 1) {
    const { $ref: reference, ...siblings } = current;
    if (typeof reference !== 'string') break;
    if (hops === MAX_REFERENCES) throw new UnsatisfiableSchema(`$ref ${reference} goes in a circle`);
    current = { ...lookUp(reference, root), ...siblings };
  }
  const parts = current['allOf'];
  if (!Array.isArray(parts)) return current;
  const { allOf: _merged, ...rest } = current;
  return parts.map((part) => resolveSchema(part, root, depth + 1)).reduce(merge, rest);
}

function asSchema(schema: Json): JsonObject {
  if (schema === true) return {};
  if (isObject(schema)) return schema;
  throw new UnsatisfiableSchema('a schema must be an object or true');
}

function lookUp(reference: string, root: JsonObject): JsonObject {
  if (!reference.startsWith('#')) throw new UnsatisfiableSchema(`$ref ${reference} is not in the document`);
  let target: Json | undefined = root;
  for (const step of reference.slice(1).split('/').filter(Boolean)) {
    const key = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(target)) target = target[Number(key)];
    else target = isObject(target) && Object.hasOwn(target, key) ? target[key] : undefined;
  }
  if (target === undefined) throw new UnsatisfiableSchema(`$ref ${reference} leads nowhere`);
  return asSchema(target);
}

function merge(left: JsonObject, right: JsonObject): JsonObject {
  const merged: JsonObject = { ...left, ...right };
  if (isObject(left['properties']) && isObject(right['properties'])) {
    merged['properties'] = { ...left['properties'], ...right['properties'] };
  }
  if (Array.isArray(left['required']) && Array.isArray(right['required'])) {
    merged['required'] = [...new Set([...left['required'], ...right['required']])];
  }
  return merged;
}
