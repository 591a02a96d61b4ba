import type { Document } from '../bson/document.js';
import { HIGHEST, hashKey, LOWEST } from '../bson/order.js';
import { keysAt, valuesAt } from '../bson/paths.js';
import { compileFilter, type Matcher } from '../query/matcher.js';
import { compareKeys, type KeyField } from '../query/sort.js';
import type { IndexSpecification } from './index-specification.js';
import { OrderedList } from './ordered-list.js';
import type { StoredRecord } from './record.js';

interface Entry {
  readonly key: readonly unknown[];
  /** Undefined only in a probe, which stands before all entries of its key. */
  readonly record: StoredRecord | undefined;
}

/** Values of the leading fields, and an interval of the next one (in value order, both ends inclusive or not). */
export interface KeyRange {
  readonly prefix: readonly unknown[];
  readonly low?: Bound;
  readonly high?: Bound;
}

export interface Bound {
  readonly value: unknown;
  readonly inclusive: boolean;
}

/** One index of a collection, in memory, sorted by its key. */
export class CollectionIndex {
  readonly specification: IndexSpecification;
  readonly fields: readonly KeyField[];
  readonly #entries: OrderedList<Entry>;
  readonly #covers: Matcher | undefined;
  /** Records with more than one key: while there are any, ranges cannot be intersected nor order be trusted. */
  #multikeyRecords = 0;

  constructor(specification: IndexSpecification) {
    this.specification = specification;
    this.fields = specification.fields;
    this.#entries = new OrderedList<Entry>(
      (a, b) =>
        compareKeys(a.key, b.key, this.fields) || (a.record?.sequence ?? -1) - (b.record?.sequence ?? -1),
    );
    const partial = specification.partialFilterExpression;
    this.#covers = partial === undefined ? undefined : compileFilter(partial);
  }

  get multikey(): boolean {
    return this.#multikeyRecords > 0;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The keys of a document; none when a partial or sparse index leaves it out. */
  keysOf(document: Document): unknown[][] {
    if (this.#covers?.(document) === false) return [];
    if (this.specification.sparse && !this.#hasAnyField(document)) return [];
    const columns = this.fields.map(({ parts }) => distinct(keysAt(document, parts)));
    return columns.reduce<unknown[][]>(
      (keys, column) => keys.flatMap((key) => column.map((value) => [...key, value])),
      [[]],
    );
  }

  /** Fills the index from scratch. */
  load(records: Iterable<StoredRecord>): void {
    const entries: Entry[] = [];
    this.#multikeyRecords = 0;
    for (const record of records) {
      const keys = this.keysOf(record.decode());
      if (keys.length > 1) this.#multikeyRecords++;
      for (const key of keys) entries.push({ key, record });
    }
    this.#entries.load(entries);
  }

  add(record: StoredRecord, keys: readonly unknown[][]): void {
    if (keys.length > 1) this.#multikeyRecords++;
    for (const key of keys) this.#entries.insert({ key, record });
  }

  delete(record: StoredRecord, keys: readonly unknown[][]): void {
    if (keys.length > 1) this.#multikeyRecords--;
    for (const key of keys) this.#entries.delete({ key, record });
  }

  /** The first of the keys that another record already has. */
  conflict(keys: readonly unknown[][], own?: StoredRecord): unknown[] | undefined {
    return keys.find((key) => {
      for (const { record } of this.scan({ prefix: key }, false)) if (record !== own) return true;
      return false;
    });
  }

  /** A key that two records share, if any; for building a unique index. */
  duplicate(): readonly unknown[] | undefined {
    let previous: Entry | undefined;
    for (const entry of this.#entries.ascend(() => true)) {
      if (
        previous &&
        previous.record !== entry.record &&
        !compareKeys(previous.key, entry.key, this.fields)
      ) {
        return entry.key;
      }
      previous = entry;
    }
    return undefined;
  }

  /** Entries of a range in the order of the index, or backwards. */
  *scan(range: KeyRange, reverse: boolean): Generator<{ key: readonly unknown[]; record: StoredRecord }> {
    const { prefix } = range;
    const at = prefix.length;
    const bounded = range.low !== undefined || range.high !== undefined;
    const low = range.low ?? { value: LOWEST, inclusive: true };
    const high = range.high ?? { value: HIGHEST, inclusive: true };
    const [start, end] = this.fields[at]?.direction === -1 ? [high, low] : [low, high];
    const count = at + (bounded ? 1 : 0);
    const relation = (entry: Entry, bound: Bound): number =>
      compareKeys(entry.key, bounded ? [...prefix, bound.value] : prefix, this.fields, count);
    const entered = (entry: Entry): boolean => {
      const order = relation(entry, start);
      return order > 0 || (order === 0 && start.inclusive);
    };
    const left = (entry: Entry): boolean => {
      const order = relation(entry, end);
      return order > 0 || (order === 0 && !end.inclusive);
    };
    const entries = reverse ? this.#entries.descend(left) : this.#entries.ascend(entered);
    for (const entry of entries) {
      if (reverse ? !entered(entry) : left(entry)) return;
      if (entry.record) yield { key: entry.key, record: entry.record };
    }
  }

  #hasAnyField(document: Document): boolean {
    return this.fields.some(({ parts }) => valuesAt(document, parts).some((value) => value !== undefined));
  }
}

function distinct(values: unknown[]): unknown[] {
  if (values.length < 2) return values;
  return [...new Map(values.map((value) => [value === undefined ? '' : hashKey(value), value])).values()];
}
