import { type Document, isDocument } from '../bson/document.js';
import { toNumber } from '../bson/numbers.js';
import { compareValues } from '../bson/order.js';
import { keysAt } from '../bson/paths.js';
import { CommandError } from '../errors.js';

/** One field of a sort or an index: ascending 1 or descending -1. */
export interface KeyField {
  readonly path: string;
  readonly parts: readonly string[];
  readonly direction: 1 | -1;
}

/**
 * Parses a sort specification.
 * @throws CommandError 2 or 14 when it is malformed
 */
export function parseSort(sort: unknown): KeyField[] {
  if (sort === undefined || sort === null) return [];
  if (!isDocument(sort)) throw new CommandError(14, 'Expected field sort to be of type object');
  return Object.entries(sort).map(([path, value]) => {
    const direction = toNumber(value);
    if (direction !== 1 && direction !== -1) {
      throw new CommandError(
        2,
        `$sort key ordering must be 1 (for ascending) or -1 (for descending): ${path}`,
      );
    }
    return { path, parts: path.split('.'), direction };
  });
}

/** The values a document is sorted by: of an array the smallest when ascending, the largest when descending. */
function sortKey(document: Document, fields: readonly KeyField[]): unknown[] {
  return fields.map(({ parts, direction }) =>
    keysAt(document, parts).reduce((best, key) => (compareValues(key, best) * direction < 0 ? key : best)),
  );
}

/** Compares two keys field by field, each in its direction. */
export function compareKeys(
  a: readonly unknown[],
  b: readonly unknown[],
  fields: readonly KeyField[],
  count = fields.length,
): number {
  for (let i = 0; i < count; i++) {
    const difference = compareValues(a[i], b[i]);
    if (difference !== 0) return difference * (fields[i]?.direction ?? 1);
  }
  return 0;
}

/** Sorts stably; each document's key is taken once. */
export function sortDocuments<T extends { document: Document }>(
  items: T[],
  fields: readonly KeyField[],
): T[] {
  if (fields.length === 0) return items;
  return items
    .map((item) => ({ item, key: sortKey(item.document, fields) }))
    .toSorted((a, b) => compareKeys(a.key, b.key, fields))
    .map(({ item }) => item);
}
