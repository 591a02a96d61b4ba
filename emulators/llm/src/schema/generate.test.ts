import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import type { JsonObject } from '../json.js';
import { contextOf, generate } from './generate.js';
import { seededRandom } from './random.js';
import { UnsatisfiableSchema } from './resolve.js';

const write = (schema: JsonObject, seed = '0a1b2c3d') =>
  generate(schema, contextOf(schema, seededRandom(seed)));
const list = (schema: JsonObject) => ({ type: 'array', ...schema });

const SCHEMAS: [string, JsonObject][] = [
  ['a number between bounds', { type: 'number', minimum: 0.2, maximum: 0.21 }],
  ['a number strictly between bounds', { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 0.1 }],
  ['a multiple below zero', { type: 'integer', multipleOf: 7, minimum: -20, maximum: -8 }],
  ['a short string', { type: 'string', maxLength: 3 }],
  ['a long string', { type: 'string', minLength: 200 }],
  ['a pattern', { type: 'string', pattern: '^[A-Z]{2}-\\d{3,5}(?:x|y)?$' }],
  ['an e-mail address', { type: 'string', format: 'email' }],
  ['a constant', { const: 'only' }],
  ['a nullable', { type: ['string', 'null'] }],
  ['any of several', { anyOf: [{ type: 'null' }, { type: 'object', properties: {}, required: [] }] }],
  ['a list of at least three', list({ items: { type: 'boolean' }, minItems: 3, maxItems: 4 })],
  ['different items', list({ items: { type: 'string' }, minItems: 3, uniqueItems: true })],
  ['a tuple', list({ prefixItems: [{ type: 'string' }, { type: 'integer' }], items: false })],
  [
    'references that recur',
    {
      type: 'object',
      properties: { tree: { $ref: '#/$defs/node' } },
      required: ['tree'],
      $defs: {
        node: {
          type: 'object',
          properties: {
            kind: { enum: ['leaf', 'branch'] },
            children: list({ items: { $ref: '#/$defs/node' } }),
            next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] },
          },
          required: ['kind', 'children', 'next'],
          additionalProperties: false,
        },
      },
    },
  ],
];

describe('generate', () => {
  it.each(SCHEMAS)('writes %s', (_name, schema) => {
    const check = z.fromJSONSchema(schema);
    for (const seed of ['00000000', '12345678', 'ffffffff']) {
      expect(check.safeParse(write(schema, seed)).error).toBeUndefined();
      expect(write(schema, seed)).toEqual(write(schema, seed));
    }
  });

  const endless = { $ref: '#' };
  it.each<[string, JsonObject]>([
    ['a reference to nowhere', { $ref: '#/$defs/none' }],
    ['a reference to itself', endless],
    ['allOf of itself', { allOf: [{ $ref: '#' }] }],
    ['an object that requires itself', { type: 'object', properties: { a: endless }, required: ['a'] }],
    ['no number', { type: 'integer', minimum: 3, maximum: 2 }],
    ['an empty enum', { enum: [] }],
    ['look-around', { type: 'string', pattern: '(?=a)b' }],
    ['a broken pattern', { type: 'string', pattern: '(' }],
    ['too few different items', list({ items: { enum: [1] }, minItems: 2, uniqueItems: true })],
    [
      'millions of values',
      list({ minItems: 9999, items: list({ minItems: 9999, items: { type: 'null' } }) }),
    ],
  ])('refuses %s', (_name, schema) => {
    expect(() => write(schema)).toThrow(UnsatisfiableSchema);
  });
});
