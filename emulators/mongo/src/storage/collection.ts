import { UUID } from 'bson';
import { decode, type Document, encode, encodeStored } from '../bson/document.js';
import { equalValues, hashKey } from '../bson/order.js';
import { CommandError } from '../errors.js';
import { CollectionIndex } from './collection-index.js';
import { duplicateKeyError } from './duplicate-key.js';
import { describeIndex, type IndexSpecification, parseIndex } from './index-specification.js';
import type { Journal } from './journal.js';
import { StoredRecord } from './record.js';

/** The documents of one collection and its indexes, kept in step. Every method runs to its end unobserved. */
export class Collection {
  readonly namespace: string;
  readonly uuid: UUID;
  readonly records = new Map<string, StoredRecord>();
  readonly indexes = new Map<string, CollectionIndex>();
  readonly #journal: Journal;
  #sequence = 0;
  #byteSize = 0;

  constructor(namespace: string, journal: Journal, uuid = new UUID()) {
    this.namespace = namespace;
    this.uuid = uuid;
    this.#journal = journal;
    const primary = parseIndex({ key: { _id: 1 }, name: '_id_', unique: true });
    this.indexes.set(primary.name, new CollectionIndex(primary));
  }

  /** Bytes of all documents. */
  get byteSize(): number {
    return this.#byteSize;
  }

  /**
   * Adds a document, which must have an `_id`.
   * @throws CommandError 11000 when a unique index already holds one of its keys
   */
  insert(document: Document): StoredRecord {
    const key = hashKey(document['_id']);
    const bytes = encodeStored(document);
    const changes = [...this.indexes.values()].map((index) => ({ index, keys: index.keysOf(document) }));
    for (const { index, keys } of changes) this.#assertUnique(index, keys);
    const record = new StoredRecord(key, this.#sequence++, bytes);
    for (const { index, keys } of changes) index.add(record, keys);
    this.records.set(key, record);
    this.#byteSize += bytes.length;
    this.#journal.append({ op: 'put', namespace: this.namespace, document: bytes }, () => {
      this.#leave(record, record.decode());
    });
    return record;
  }

  /**
   * Replaces the content of a record; `_id` must be the same.
   * @returns false when the new content is the old one, byte for byte
   * @throws CommandError 66 for another `_id`, 11000 for a key that another record has
   */
  replace(record: StoredRecord, previous: Document, next: Document): boolean {
    if (!equalValues(previous['_id'], next['_id'])) {
      throw new CommandError(
        66,
        "Performing an update on the path '_id' would modify the immutable field '_id'",
      );
    }
    const bytes = encodeStored(next);
    if (Buffer.compare(bytes, record.bytes) === 0) return false;
    const changes = [...this.indexes.values()].map((index) => ({
      index,
      before: index.keysOf(previous),
      after: index.keysOf(next),
    }));
    const moved = changes.filter(({ before, after }) => !equalValues(before, after));
    for (const { index, after } of moved) this.#assertUnique(index, after, record);
    for (const { index, before, after } of moved) {
      index.delete(record, before);
      index.add(record, after);
    }
    const replaced = record.bytes;
    this.#byteSize += bytes.length - replaced.length;
    record.bytes = bytes;
    this.#journal.append({ op: 'put', namespace: this.namespace, document: bytes }, () => {
      const [undone, restored] = [record.decode(), decode(replaced)];
      for (const index of this.indexes.values()) {
        index.delete(record, index.keysOf(undone));
        index.add(record, index.keysOf(restored));
      }
      this.#byteSize += replaced.length - bytes.length;
      record.bytes = replaced;
    });
    return true;
  }

  /** Removes a record. */
  remove(record: StoredRecord, document: Document): void {
    this.#leave(record, document);
    const key = encode({ _id: document['_id'] });
    this.#journal.append({ op: 'delete', namespace: this.namespace, key }, () => {
      this.#enter(record, record.decode());
    });
  }

  #enter(record: StoredRecord, document: Document): void {
    for (const index of this.indexes.values()) index.add(record, index.keysOf(document));
    this.records.set(record.key, record);
    this.#byteSize += record.bytes.length;
  }

  #leave(record: StoredRecord, document: Document): void {
    for (const index of this.indexes.values()) index.delete(record, index.keysOf(document));
    this.records.delete(record.key);
    this.#byteSize -= record.bytes.length;
  }

  /**
   * Builds an index over what is there.
   * @returns false when the same index exists already
   * @throws CommandError 85 or 86 when another index has its key or name, 11000 when data break its uniqueness
   */
  createIndex(specification: IndexSpecification): boolean {
    for (const { specification: other } of this.indexes.values()) {
      const sameName = other.name === specification.name;
      const sameKey = JSON.stringify(other.fields) === JSON.stringify(specification.fields);
      if (sameName && sameKey && equalValues(describeIndex(other), describeIndex(specification)))
        return false;
      if (sameKey && specification.name === '_id_') return false;
      if (sameName) {
        throw new CommandError(
          86,
          `An existing index has the same name as the requested index: ${other.name}`,
        );
      }
      if (sameKey && equalValues(other.partialFilterExpression, specification.partialFilterExpression)) {
        throw new CommandError(85, `Index already exists with a different name or options: ${other.name}`);
      }
    }
    const index = new CollectionIndex(specification);
    index.load(this.records.values());
    const duplicate = specification.unique ? index.duplicate() : undefined;
    if (duplicate) throw duplicateKeyError(this.namespace, specification, duplicate);
    this.indexes.set(specification.name, index);
    const info = describeIndex(specification);
    this.#journal.append({ op: 'createIndex', namespace: this.namespace, info }, () => {
      this.indexes.delete(specification.name);
    });
    return true;
  }

  /** Takes a document from the log, without its indexes; {@link rebuild} follows. */
  restore(document: Document, bytes: Uint8Array): void {
    const key = hashKey(document['_id']);
    const existing = this.records.get(key);
    if (existing) existing.bytes = bytes;
    else this.records.set(key, new StoredRecord(key, this.#sequence++, bytes));
  }

  /** Takes a deletion from the log. */
  restoreDeletion(key: Document): void {
    this.records.delete(hashKey(key['_id']));
  }

  /** Takes an index from the log, empty. */
  restoreIndex(specification: IndexSpecification): void {
    this.indexes.set(specification.name, new CollectionIndex(specification));
  }

  /** Fills all indexes and the size after the log was read. */
  rebuild(): void {
    this.#byteSize = 0;
    for (const { bytes } of this.records.values()) this.#byteSize += bytes.length;
    for (const index of this.indexes.values()) index.load(this.records.values());
  }

  #assertUnique(index: CollectionIndex, keys: readonly unknown[][], own?: StoredRecord): void {
    if (!index.specification.unique) return;
    const taken = index.conflict(keys, own);
    if (taken) throw duplicateKeyError(this.namespace, index.specification, taken);
  }
}
