import { bsonType } from '../bson/document.js';
import { CommandError } from '../errors.js';
import type { IndexSpecification } from './index-specification.js';

/** Error 11000 in MongoDB's own words, which drivers and applications take apart. */
export function duplicateKeyError(
  namespace: string,
  index: IndexSpecification,
  key: readonly unknown[],
): CommandError {
  const pairs = index.fields.map(({ path }, i): [string, unknown] => [path, key[i] ?? null]);
  const shown = pairs.map(([path, value]) => `${path}: ${show(value)}`).join(', ');
  return new CommandError(
    11000,
    `E11000 duplicate key error collection: ${namespace} index: ${index.name} dup key: { ${shown} }`,
    { keyPattern: index.key, keyValue: Object.fromEntries(pairs) },
  );
}

function show(value: unknown): string {
  if (bsonType(value) === 'ObjectId') return `ObjectId('${String(value)}')`;
  if (value instanceof Date) return `new Date(${value.getTime()})`;
  return bsonType(value) === undefined ? JSON.stringify(value) : String(value);
}
