import { LOWEST } from '../bson/order.js';
import type { Collection } from './collection.js';
import type { CollectionIndex } from './collection-index.js';
import type { StoredRecord } from './record.js';
import type { Store } from './store.js';

/** Documents one pass removes at most per index, so that it never holds up clients for long. */
const BATCH = 5000;

/**
 * Removes the documents whose TTL indexes say so.
 * @param now milliseconds since 1970
 * @returns how many were removed
 */
export function expire(store: Store, now: number): number {
  let removed = 0;
  for (const collection of store.collections.values()) {
    for (const index of collection.indexes.values()) removed += expireBy(collection, index, now);
  }
  return removed;
}

function expireBy(collection: Collection, index: CollectionIndex, now: number): number {
  const seconds = index.specification.expireAfterSeconds;
  if (seconds === undefined) return 0;
  const due = new Set<StoredRecord>();
  const high = { value: new Date(now - seconds * 1000), inclusive: true };
  for (const { key, record } of index.scan(
    { prefix: [], low: { value: LOWEST, inclusive: true }, high },
    true,
  )) {
    if (!(key[0] instanceof Date) || due.size >= BATCH) break;
    due.add(record);
  }
  for (const record of due) collection.remove(record, record.decode());
  return due.size;
}
