import { isObject, type Json, type JsonObject } from '../json.js';

const MAX_DEPTH = 60;

/**
 * What OpenAI would refuse about a schema sent with `strict: true`, or undefined when it would take it:
 * the root is an object, every object closes itself with `additionalProperties: false` and requires all
 * of its properties. Without this, a schema that works here would fail at the real service.
 */
export function strictProblem(schema: JsonObject): string | undefined {
  if (schema['type'] !== 'object' && schema['$ref'] === undefined) {
    return `schema must be a JSON Schema of 'type: "object"', got 'type: ${JSON.stringify(schema['type'] ?? null)}'.`;
  }
  return problemIn(schema, [], 0);
}

function problemIn(schema: Json, path: string[], depth: number): string | undefined {
  if (!isObject(schema)) return undefined;
  if (depth > MAX_DEPTH) return 'the schema is nested too deeply.';
  const own =
    schema['type'] === 'object' || schema['properties'] !== undefined ? objectProblem(schema) : undefined;
  if (own !== undefined) return `In context=(${path.map((step) => `'${step}'`).join(', ')}), ${own}`;
  for (const [keyword, part] of Object.entries(schema)) {
    if (['properties', '$defs', 'definitions'].includes(keyword) && isObject(part)) {
      for (const [name, inner] of Object.entries(part)) {
        const problem = problemIn(inner, [...path, keyword, name], depth + 1);
        if (problem !== undefined) return problem;
      }
    }
    const parts = keyword === 'items' ? [part] : keyword === 'anyOf' && Array.isArray(part) ? part : [];
    for (const inner of parts) {
      const problem = problemIn(inner, [...path, keyword], depth + 1);
      if (problem !== undefined) return problem;
    }
  }
  return undefined;
}

function objectProblem(schema: JsonObject): string | undefined {
  if (schema['additionalProperties'] !== false) {
    return "'additionalProperties' is required to be supplied and to be false.";
  }
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  const names = isObject(schema['properties']) ? Object.keys(schema['properties']) : [];
  const missing = names.find((name) => !required.includes(name));
  if (missing === undefined) return undefined;
  return `'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`;
}
