import type { Document } from '../bson/document.js';
import { hashKey } from '../bson/order.js';
import type { CollectionIndex, KeyRange } from '../storage/collection-index.js';
import type { StoredRecord } from '../storage/record.js';
import { constraintOf } from './constraints.js';
import { compileFilter } from './matcher.js';
import { type Plan, plan } from './planner.js';
import { compareKeys, type KeyField, parseSort, sortDocuments } from './sort.js';

/** What a query reads from. */
export interface Source {
  readonly records: ReadonlyMap<string, StoredRecord>;
  readonly indexes: ReadonlyMap<string, CollectionIndex>;
}

export interface Query {
  readonly filter: Document;
  readonly sort?: unknown;
  readonly skip?: number | undefined;
  /** 0 or absent: no limit. */
  readonly limit?: number | undefined;
}

/** A matching record with its decoded document. */
export interface Match {
  readonly record: StoredRecord;
  readonly document: Document;
}

/** What a query found and what that cost; `explain` shows it. */
export interface Execution<T = Match> {
  readonly matches: T[];
  readonly docsExamined: number;
  /** The index read, or undefined for a pass over the collection. */
  readonly indexName: string | undefined;
}

/** Finds the matching documents, through an index where one helps. */
export function find(source: Source, query: Query): Execution {
  return findAs(source, query, (match) => match);
}

/**
 * Like {@link find}, keeping of each match only what `pick` makes of it: a long result need not be held decoded.
 */
export function findAs<T>(source: Source, query: Query, pick: (match: Match) => T): Execution<T> {
  const matches = compileFilter(query.filter);
  const sort = parseSort(query.sort);
  const skip = query.skip ?? 0;
  const end = query.limit ? skip + query.limit : Number.POSITIVE_INFINITY;
  const single = byId(source, query.filter);
  const chosen = single ? undefined : plan(query.filter, sort, source.indexes.values());
  const ordered = single !== undefined || sort.length === 0 || chosen?.sorted === true;
  const picked: T[] = [];
  const unsorted: Match[] = [];
  let [docsExamined, matched] = [0, 0];
  for (const record of single ?? (chosen ? planned(chosen) : source.records.values())) {
    if (ordered && matched >= end) break;
    docsExamined++;
    const document = record.decode();
    if (!matches(document)) continue;
    matched++;
    if (!ordered) unsorted.push({ record, document });
    else if (matched > skip) picked.push(pick({ record, document }));
  }
  for (const match of sortDocuments(unsorted, sort).slice(skip, end)) picked.push(pick(match));
  return { matches: picked, docsExamined, indexName: single ? '_id_' : chosen?.index.specification.name };
}

/** The one record that can match, where the filter names an `_id`: most writes do, and need no plan. */
function byId({ records }: Source, filter: Document): StoredRecord[] | undefined {
  const constraint = constraintOf(filter, '_id', true);
  if (constraint?.kind !== 'points' || constraint.values.length !== 1) return undefined;
  const record = records.get(hashKey(constraint.values[0]));
  return record === undefined ? [] : [record];
}

/** The records of a plan, each once. */
function* planned(chosen: Plan): Generator<StoredRecord> {
  const seen = chosen.index.multikey ? new Set<StoredRecord>() : undefined;
  const inIndexOrder = chosen.ranges.length === 1 || !chosen.sorted;
  for (const { record } of inIndexOrder ? concatenated(chosen) : merged(chosen)) {
    if (seen?.has(record)) continue;
    seen?.add(record);
    yield record;
  }
}

type Scan = ReturnType<CollectionIndex['scan']>;

function* concatenated({ index, ranges, reverse }: Plan): Scan {
  for (const range of ranges) yield* index.scan(range, reverse);
}

/** Merges ranges that are each in order by the fields that the plan names. */
function* merged({ index, ranges, reverse, mergeFrom }: Plan): Scan {
  const heads = ranges.flatMap((range: KeyRange) => {
    const scan = index.scan(range, reverse);
    const first = scan.next();
    return first.done ? [] : [{ scan, entry: first.value }];
  });
  const tail: readonly KeyField[] = index.fields.slice(mergeFrom);
  const factor = reverse ? -1 : 1;
  while (heads.length > 0) {
    const least = heads.reduce((best, head) =>
      compareKeys(head.entry.key.slice(mergeFrom), best.entry.key.slice(mergeFrom), tail) * factor < 0
        ? head
        : best,
    );
    yield least.entry;
    const next = least.scan.next();
    if (next.done) heads.splice(heads.indexOf(least), 1);
    else least.entry = next.value;
  }
}
