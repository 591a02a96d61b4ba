import { isObject, type Json, type JsonObject } from '../json.js';
import type { Random } from './random.js';
import { resolveSchema, UnsatisfiableSchema } from './resolve.js';
import { generateNumber, generateString, MAX_LENGTH, numberAt } from './scalars.js';

/** From here on down, lists stay as short as allowed, optional parts are left out and null is preferred. */
const SHALLOW = 6;
/** Values in one answer; a schema that asks for more (lists of lists of lists) is refused. */
const MAX_VALUES = 20_000;
/** A required part nested deeper than this is taken for endless recursion. */
const MAX_DEPTH = 40;

/** What stays the same while one answer is generated. */
export interface Context {
  /** The document that `$ref` points into. */
  root: JsonObject;
  random: Random;
  /** Values written so far. */
  written: number;
}

/** A fresh context for one answer. */
export function contextOf(root: JsonObject, random: Random): Context {
  return { root, random, written: 0 };
}

/**
 * A value that conforms to a JSON Schema, the same for the same schema and random source.
 * Knows what OpenAI's structured output knows, and `allOf`, `oneOf` and `prefixItems`; `not`, `if` and
 * `contains` are ignored.
 * @throws UnsatisfiableSchema when no value can be found.
 */
export function generate(schema: Json, context: Context, depth = 0): Json {
  if (depth > MAX_DEPTH) throw new UnsatisfiableSchema('the schema requires itself without end');
  context.written += 1;
  if (context.written > MAX_VALUES) throw new UnsatisfiableSchema('the schema asks for too many values');
  const resolved = resolveSchema(schema, context.root);
  if (resolved['const'] !== undefined) return resolved['const'];
  const choices = resolved['enum'];
  if (Array.isArray(choices)) {
    const [first, ...others] = choices;
    if (first === undefined) throw new UnsatisfiableSchema('an enum is empty');
    return context.random.pick([first, ...others]);
  }
  const variants = resolved['anyOf'] ?? resolved['oneOf'];
  if (Array.isArray(variants)) return generateVariant(resolved, variants, context, depth);
  switch (typeOf(resolved, depth)) {
    case 'null':
      return null;
    case 'boolean':
      return context.random.integer(0, 1) === 1;
    case 'integer':
      return generateNumber(resolved, true, context.random);
    case 'number':
      return generateNumber(resolved, false, context.random);
    case 'array':
      return generateArray(resolved, context, depth);
    case 'object':
      return generateObject(resolved, context, depth);
    default:
      return generateString(resolved, context.random);
  }
}

function generateVariant(schema: JsonObject, variants: Json[], context: Context, depth: number): Json {
  const { anyOf: _anyOf, oneOf: _oneOf, ...shared } = schema;
  const isNull = (variant: Json): boolean => isObject(variant) && variant['type'] === 'null';
  const ordered = [...variants].sort((left, right) => Number(isNull(left)) - Number(isNull(right)));
  if (depth >= SHALLOW) ordered.reverse();
  let failure: UnsatisfiableSchema | undefined;
  for (const variant of ordered) {
    try {
      return generate({ allOf: [shared, variant] }, context, depth + 1);
    } catch (error) {
      if (!(error instanceof UnsatisfiableSchema)) throw error;
      failure = error;
    }
  }
  throw new UnsatisfiableSchema('no variant can be produced', { cause: failure });
}

function typeOf(schema: JsonObject, depth: number): string {
  const type = schema['type'];
  if (typeof type === 'string') return type;
  if (Array.isArray(type)) {
    const names = type.filter((name) => typeof name === 'string');
    const wanted =
      depth >= SHALLOW && names.includes('null') ? 'null' : names.find((name) => name !== 'null');
    return wanted ?? 'null';
  }
  if (schema['properties'] !== undefined || schema['required'] !== undefined) return 'object';
  if (schema['items'] !== undefined || schema['prefixItems'] !== undefined) return 'array';
  return schema['minimum'] !== undefined || schema['maximum'] !== undefined ? 'number' : 'string';
}

function generateArray(schema: JsonObject, context: Context, depth: number): Json[] {
  const least = numberAt(schema, 'minItems') ?? 0;
  const most = numberAt(schema, 'maxItems') ?? Infinity;
  if (least > most || least > MAX_LENGTH) throw new UnsatisfiableSchema(`no list of ${least} items`);
  const leading = Array.isArray(schema['prefixItems']) ? schema['prefixItems'] : [];
  const items = schema['items'] ?? true;
  const usual = depth >= SHALLOW || items === false ? 0 : 1;
  const wanted = Math.min(most, Math.max(least, usual, leading.length));
  const list: Json[] = [];
  const seen = new Set<string>();
  for (let attempts = 0; list.length < wanted; attempts += 1) {
    if (attempts > wanted + 100) throw new UnsatisfiableSchema('cannot find enough different items');
    const item = generate(leading[list.length] ?? items, context, depth + 1);
    const distinct = typeof item === 'string' && attempts > list.length ? `${item} ${attempts}` : item;
    const key = JSON.stringify(distinct);
    if (schema['uniqueItems'] === true && seen.has(key)) continue;
    seen.add(key);
    list.push(distinct);
  }
  return list;
}

function generateObject(schema: JsonObject, context: Context, depth: number): JsonObject {
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const required = Array.isArray(schema['required']) ? schema['required'].map(String) : [];
  const optional = depth >= SHALLOW ? [] : Object.keys(properties);
  const value: JsonObject = {};
  for (const key of new Set([...required, ...optional])) {
    const part = properties[key] ?? schema['additionalProperties'] ?? true;
    // defineProperty, because a schema may name a property `__proto__`.
    Object.defineProperty(value, key, {
      value: generate(part, context, depth + 1),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return value;
}
