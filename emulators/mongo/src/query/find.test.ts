import { describe, expect, it } from '@jest/globals';
import { Double, Long } from 'bson';
import fc from 'fast-check';
import { type Document, encode } from '../bson/document.js';
import { hashKey } from '../bson/order.js';
import { Collection } from '../storage/collection.js';
import { NO_JOURNAL } from '../storage/journal.js';
import { parseIndex } from '../storage/index-specification.js';
import { type Execution, find } from './find.js';
import { compileFilter } from './matcher.js';

function collectionWith(indexes: readonly Document[], documents: readonly Document[]): Collection {
  const collection = new Collection('test.items', NO_JOURNAL);
  for (const index of indexes) collection.createIndex(parseIndex(index));
  for (const [i, document] of documents.entries()) collection.insert({ _id: i, ...document });
  return collection;
}

function idsOf({ matches }: Execution): string[] {
  return matches.map(({ document }) => String(document['_id']));
}

function byText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

const scalar = fc.oneof(
  fc.integer({ min: -2, max: 3 }),
  fc.constantFrom<unknown>(null, null, 'a', 'b', true, 1.5, new Double(2), Long.fromNumber(1), Number.NaN),
  fc.integer({ min: 0, max: 2 }).map((n) => new Date(n)),
);
const nested = fc.oneof(
  { weight: 2, arbitrary: scalar },
  { weight: 2, arbitrary: fc.array(scalar, { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.record({ c: scalar }) },
  { weight: 1, arbitrary: fc.array(fc.record({ c: scalar }, { requiredKeys: [] }), { maxLength: 2 }) },
);
/** Collections without arrays too: an index may do more for them. */
const documents = fc.oneof(
  fc.array(fc.record({ a: scalar, b: scalar }, { requiredKeys: [] }), { maxLength: 25 }),
  fc.array(fc.record({ a: nested, b: nested }, { requiredKeys: [] }), { maxLength: 25 }),
);

const comparison = fc.oneof(
  scalar,
  fc.constant(null),
  fc
    .tuple(fc.constantFrom('$eq', '$ne', '$gt', '$gte', '$lt', '$lte'), scalar)
    .map(([op, x]) => ({ [op]: x })),
  fc.tuple(scalar, scalar).map(([low, high]) => ({ $gte: low, $lt: high })),
  fc.array(scalar, { minLength: 1, maxLength: 4 }).map((list) => ({ $in: list })),
  fc.boolean().map((wanted) => ({ $exists: wanted })),
);
const clause = fc
  .tuple(fc.constantFrom('a', 'a', 'b', 'b', 'a.c', 'b.c'), comparison)
  .map(([path, x]) => ({ [path]: x }));
const filter = fc.oneof(
  fc.constant({}),
  clause,
  fc.tuple(clause, clause).map(([x, y]) => ({ $and: [x, y] })),
  fc.tuple(clause, clause).map(([x, y]) => ({ ...x, ...y })),
  fc.tuple(clause, clause, clause).map(([x, y, z]) => ({ ...z, $or: [x, y] })),
);
const direction = fc.constantFrom(1, -1);
const order = fc.oneof(
  fc.constant(undefined),
  fc.tuple(fc.constantFrom('a', 'b', 'a.c'), direction).map(([path, d]) => ({ [path]: d, _id: d })),
  fc.tuple(direction, direction).map(([x, y]) => ({ a: x, b: y, _id: y })),
);
const index = fc.oneof(
  fc.tuple(fc.constantFrom('a', 'b', 'a.c'), direction).map(([path, d]) => ({ key: { [path]: d, _id: d } })),
  fc.tuple(direction, direction).map(([x, y]) => ({ key: { a: x, b: y, _id: y } })),
  fc.constant({ key: { b: 1 }, sparse: true, name: 'sparse_b' }),
  fc.constant({ key: { a: 1 }, partialFilterExpression: { b: { $exists: true } }, name: 'partial' }),
  fc.constant({ key: { a: 1, b: 1 }, partialFilterExpression: { a: { $gt: 0 } }, name: 'positive' }),
);

describe('find', () => {
  it('gives the same documents with an index as without', () => {
    fc.assert(
      fc.property(documents, filter, order, index, (docs, wanted, sort, specification) => {
        const plain = collectionWith([], docs);
        const indexed = collectionWith([specification], docs);
        const ids = (collection: Collection): string[] => {
          const found = idsOf(find(collection, { filter: wanted, sort }));
          return sort === undefined ? found.toSorted(byText) : found;
        };
        expect(ids(indexed)).toEqual(ids(plain));
      }),
      { numRuns: 2500 },
    );
  });

  it('gives by _id what a pass over all documents gives', () => {
    const id = fc.oneof(scalar, fc.record({ c: scalar }));
    const ids = fc.uniqueArray(id, { selector: hashKey });
    const wanted = fc.oneof(comparison, id);
    fc.assert(
      fc.property(ids, wanted, filter, fc.boolean(), (known, wantedId, rest, backwards) => {
        const collection = collectionWith(
          [],
          known.map((id, i) => ({ _id: id, a: i % 3 })),
        );
        const query = { ...rest, _id: wantedId };
        const matches = compileFilter(query);
        const passed = [...collection.records.values()].filter((record) => matches(record.decode()));
        const found = find(collection, { filter: query, sort: { a: backwards ? -1 : 1 } }).matches;
        expect(new Set(found.map(({ record }) => record))).toEqual(new Set(passed));
        expect(found).toHaveLength(passed.length);
      }),
      { numRuns: 1000 },
    );
  });

  it('sorts by the field that is looked up by several values', () => {
    const docs = [{ a: 2 }, { a: 1 }, { a: 2 }, { a: 3 }];
    for (const d of [1, -1]) {
      const indexed = collectionWith([{ key: { a: d, _id: d }, name: 'a' }], docs);
      const found = (sort: Document): string[] =>
        idsOf(find(indexed, { filter: { a: { $in: [1, 2] } }, sort }));
      expect(found({ a: 1, _id: 1 })).toEqual(['1', '0', '2']);
      expect(found({ a: -1, _id: -1 })).toEqual(['2', '0', '1']);
      expect(found({ _id: 1 })).toEqual(['0', '1', '2']);
    }
  });

  it('does not look for missing fields in an index that leaves them out', () => {
    const docs = [{ a: 0 }, { a: 0, b: 1 }];
    const wanted = { a: { $in: [0] }, $or: [{ b: null }, { b: { $gte: 0 } }] };
    const indexed = collectionWith([{ key: { b: 1 }, sparse: true, name: 'sparse_b' }], docs);
    expect(idsOf(find(indexed, { filter: wanted }))).toHaveLength(2);
  });

  it('keeps indexes right through updates and deletions', () => {
    fc.assert(
      fc.property(documents, documents, filter, index, (before, after, wanted, specification) => {
        const collection = collectionWith([specification], before);
        const records = [...collection.records.values()];
        for (const [i, record] of records.entries()) {
          const next = after[i];
          if (next) collection.replace(record, record.decode(), { _id: i, ...next });
          else collection.remove(record, record.decode());
        }
        const fresh = collectionWith([], after.slice(0, records.length));
        const ids = (source: Collection): string[] =>
          idsOf(find(source, { filter: wanted })).toSorted(byText);
        expect(ids(collection)).toEqual(ids(fresh));
      }),
      { numRuns: 300 },
    );
  });

  describe('in a hundred thousand documents', () => {
    const count = 100_000;
    const states = ['queued', 'running', 'done', 'failed'];
    const large = new Collection('test.large', NO_JOURNAL);
    for (const key of [
      { status: 1, created_at: -1, _id: -1 },
      { created_at: -1, _id: -1 },
    ]) {
      large.restoreIndex(parseIndex({ key }));
    }
    for (let i = 0; i < count; i++) {
      const document = { _id: i, status: states[i % 4], created_at: new Date(i) };
      large.restore(document, encode(document));
    }
    large.rebuild();
    const newest = { created_at: -1, _id: -1 };

    it.each<[string, Document, Document | undefined, number]>([
      ['by _id', { _id: 77_777 }, undefined, 1],
      ['by a list of _id', { _id: { $in: [5, 50_000, 99_999] } }, undefined, 3],
      ['the newest of all', {}, newest, 50],
      ['the newest of a status', { status: 'done' }, newest, 50],
      ['the newest of two statuses', { status: { $in: ['done', 'failed'] } }, newest, 50],
      ['a range', { created_at: { $gte: new Date(500), $lt: new Date(510) } }, undefined, 10],
    ])('reads only what it returns: %s', (_name, wanted, order, returned) => {
      const result = find(large, { filter: wanted, sort: order, limit: 50 });
      expect(result.matches).toHaveLength(returned);
      expect(result.docsExamined).toBe(returned);
    });

    it('continues a listing far from its start without reading the pages before', () => {
      const last = { created_at: new Date(40_000), _id: 40_000 };
      const older = [
        { created_at: { $lt: last.created_at } },
        { created_at: last.created_at, _id: { $lt: last._id } },
      ];
      const page = find(large, { filter: { $or: older }, sort: newest, limit: 50 });
      expect(page.matches[0]?.document['_id']).toBe(39_999);
      expect(page.docsExamined).toBeLessThanOrEqual(51);
    });
  });
});
