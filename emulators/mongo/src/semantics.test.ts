import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import { startHarness, type Harness } from './testing/harness.js';

const { Binary, BSONRegExp, Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp, UUID } =
  mongo.BSON;
interface Doc {
  _id: number | string | mongo.BSON.Long;
  [field: string]: unknown;
}

let harness: Harness;
let names = 0;
beforeAll(async () => {
  harness = await startHarness({ ttlIntervalMs: 20 });
});
afterAll(async () => {
  await harness[Symbol.asyncDispose]();
});

function collection<T extends mongo.Document = Doc>(): mongo.Collection<T> {
  return harness.db.collection<T>(`c${names++}`);
}

/** Stores a document, updates it, gives what it became. */
async function afterUpdate(
  document: Record<string, unknown>,
  u: mongo.Document,
  { filter = {}, ...options }: { filter?: mongo.Document; arrayFilters?: mongo.Document[] } = {},
): Promise<Record<string, unknown>> {
  const items = collection();
  await items.insertOne({ _id: 1, ...document });
  const updates = [{ q: { _id: 1, ...filter }, u, ...options }];
  await harness.db.command({ update: items.collectionName, updates });
  const [found] = await items.find({}, { projection: { _id: 0 } }).toArray();
  return { ...found };
}

describe('types', () => {
  it('come back as they went in, also after an update of another field', async () => {
    const items = collection();
    const values = {
      int: new Int32(7),
      double: new Double(7),
      fraction: new Double(0.1),
      negativeZero: new Double(-0),
      long: Long.fromNumber(7),
      big: Long.fromString('9007199254740993'),
      decimal: Decimal128.fromString('1.10'),
      id: new ObjectId(),
      date: new Date(1234567890123),
      binary: new Binary(Buffer.from('bytes'), 0x80),
      uuid: new UUID(),
      regex: new BSONRegExp('a.b', 'im'),
      timestamp: new Timestamp({ t: 5, i: 6 }),
      min: new MinKey(),
      max: new MaxKey(),
      list: [new Double(1), null, { deep: Long.ONE }],
      yes: true,
      none: null,
    };
    await items.insertOne({ _id: 1, ...values });
    await items.updateOne({ _id: 1 }, { $set: { other: 1 } });
    await items.updateOne({ _id: 1 }, [{ $set: { another: { $add: ['$int', 1] } } }]);
    const raw = await items.findOne({}, { promoteValues: false, promoteLongs: false, bsonRegExp: true });
    const expected = { _id: new Int32(1), ...values, other: new Int32(1), another: new Int32(8) };
    expect(mongo.BSON.serialize(raw ?? {})).toEqual(mongo.BSON.serialize(expected));
  });

  it('compare by value across number types', async () => {
    const items = collection();
    await items.insertMany([
      { _id: 1 },
      { _id: 2, n: new Double(5) },
      { _id: 3, n: Long.fromNumber(5) },
      { _id: 4, n: 6.5 },
    ]);
    expect(await items.distinct('_id', { n: 5 })).toEqual([2, 3]);
    expect(await items.distinct('_id', { n: { $gt: Decimal128.fromString('5.5') } })).toEqual([4]);
    await expect(items.insertOne({ _id: Long.ONE })).rejects.toMatchObject({ code: 11_000 });
  });

  it('sort in BSON order', async () => {
    const items = collection();
    const ordered = [
      new MinKey(),
      null,
      -1,
      2.5,
      'A',
      'a',
      { a: 1 },
      new ObjectId(),
      false,
      true,
      new Date(0),
    ];
    await items.insertMany(ordered.toReversed().map((v, i) => ({ _id: i, v })));
    const found = await items.find().sort({ v: 1 }).toArray();
    expect(found.map(({ v }) => v)).toEqual(ordered);
  });
});

describe('update operators', () => {
  it.each<[string, Record<string, unknown>, mongo.Document, Record<string, unknown>]>([
    ['$set deep', {}, { $set: { 'a.b.c': 1 } }, { a: { b: { c: 1 } } }],
    ['$set in an array', { a: [1, 2] }, { $set: { 'a.3': 9 } }, { a: [1, 2, null, 9] }],
    ['$unset', { a: 1, b: { c: 1, d: 2 } }, { $unset: { a: '', 'b.c': '' } }, { b: { d: 2 } }],
    ['$unset of nothing', { b: 1 }, { $unset: { 'x.y': '' } }, { b: 1 }],
    ['$inc', { a: 1 }, { $inc: { a: 2, n: 5 } }, { a: 3, n: 5 }],
    ['$min and $max', { a: 5, b: 5 }, { $min: { a: 3, c: 1 }, $max: { b: 3 } }, { a: 3, b: 5, c: 1 }],
    ['$push', { a: [1] }, { $push: { a: 2, b: 1 } }, { a: [1, 2], b: [1] }],
    ['$push of several', { a: [1] }, { $push: { a: { $each: [2, 3] } } }, { a: [1, 2, 3] }],
    ['$addToSet', { a: [1] }, { $addToSet: { a: { $each: [1, 2, 2] } } }, { a: [1, 2] }],
    ['$pull by condition', { a: [1, 5, 9] }, { $pull: { a: { $gte: 5 } } }, { a: [1] }],
    ['$pull by filter', { a: [{ k: 1, v: 1 }, { k: 2 }] }, { $pull: { a: { k: 1 } } }, { a: [{ k: 2 }] }],
    ['$setOnInsert on a match', { a: 1 }, { $setOnInsert: { b: 1 }, $set: { a: 2 } }, { a: 2 }],
  ])('%s', async (_name, document, update, expected) => {
    expect(await afterUpdate(document, update)).toEqual(expected);
  });

  it('upserts from the filter, $setOnInsert and the update', async () => {
    const items = collection();
    const result = await items.updateOne(
      { key: 'k', 'a.b': 1, n: { $gt: 3 } },
      { $set: { v: 1 }, $setOnInsert: { first: true } },
      { upsert: true },
    );
    expect(result).toMatchObject({ matchedCount: 0, upsertedCount: 1 });
    expect(await items.findOne({}, { projection: { _id: 0 } })).toEqual({
      key: 'k',
      a: { b: 1 },
      v: 1,
      first: true,
    });
  });

  it('widens an int32 that overflows to an int64', async () => {
    const items = collection<{ _id: number; n: number }>();
    await items.insertOne({ _id: 1, n: 2_147_483_647 });
    await items.updateOne({ _id: 1 }, { $inc: { n: 1 } });
    const raw = await items.findOne({}, { promoteLongs: false });
    expect(raw?.n).toEqual(Long.fromNumber(2_147_483_648));
  });

  it('tells whether anything was modified', async () => {
    const items = collection();
    await items.insertOne({ _id: 1, a: 1 });
    expect(await items.updateOne({ _id: 1 }, { $set: { a: 1 } })).toMatchObject({
      matchedCount: 1,
      modifiedCount: 0,
    });
  });

  it.each<[string, Record<string, unknown>, unknown, number]>([
    ['another _id', {}, { $set: { _id: 2 } }, 66],
    ['an unknown operator', {}, { $foo: { a: 1 } }, 9],
    ['two operators on a path', {}, { $set: { a: 1 }, $inc: { 'a.b': 1 } }, 40],
    ['$inc of a string', { a: 'x' }, { $inc: { a: 1 } }, 14],
    ['a path through a number', { a: 1 }, { $set: { 'a.b': 1 } }, 28],
    ['$push to a number', { a: 1 }, { $push: { a: 1 } }, 2],
    ['a positional operator', { a: [1] }, { $set: { 'a.$': 1 } }, 115],
    ['an operator that nobody uses', { a: 1 }, { $mul: { a: 2 } }, 115],
    ['more than 16 MiB', {}, { $set: { a: 'x'.repeat(16 * 1024 * 1024) } }, 10_334],
  ])('refuses %s and changes nothing', async (_name, document, update, code) => {
    const items = collection();
    await items.insertOne({ _id: 1, ...document });
    const command = { update: items.collectionName, updates: [{ q: { _id: 1 }, u: update }] };
    const failed = harness.db.command(command).then(
      ({ writeErrors }) => (writeErrors as { code: number }[])[0]?.code,
      (error: unknown) => (error as { code?: number }).code,
    );
    expect(await failed).toBe(code);
    expect(await items.findOne({ _id: 1 })).toEqual({ _id: 1, ...document });
  });
});

describe('queries', () => {
  const documents: Doc[] = [
    { _id: 1, name: 'Ada', tags: ['x', 'y'], scores: [{ n: 1 }, { n: 5 }], a: { b: 1 } },
    { _id: 2, name: 'bob', tags: [], scores: [{ n: 3 }], a: null },
    { _id: 3, name: 'Ada', tags: ['y', 'z', 'x'] },
  ];
  let items: mongo.Collection<Doc>;
  beforeAll(async () => {
    items = collection();
    await items.insertMany(documents);
  });

  it.each<[string, mongo.Document, number[]]>([
    ['$regex', { name: { $regex: '^ad', $options: 'i' } }, [1, 3]],
    ['a pattern in $in', { name: { $in: [/^b/, 'nobody'] } }, [2]],
    ['$elemMatch', { scores: { $elemMatch: { n: { $gt: 2, $lt: 4 } } } }, [2]],
    ['bounds met by one element or two', { 'scores.n': { $gt: 2, $lt: 4 } }, [1, 2]],
    ['each bound by another element', { 'scores.n': { $gt: 4, $lt: 2 } }, [1]],
    ['$all', { tags: { $all: ['x', 'z'] } }, [3]],
    ['$size', { tags: { $size: 2 } }, [1]],
    ['a whole array', { tags: ['x', 'y'] }, [1]],
    ['null for missing', { a: null }, [2, 3]],
    ['$exists', { a: { $exists: false } }, [3]],
    ['$not', { name: { $not: /^A/ } }, [2]],
    ['$nor', { $nor: [{ name: 'Ada' }, { _id: 9 }] }, [2]],
    ['$expr', { $expr: { $eq: ['$name', 'Ada'] } }, [1, 3]],
    ['$expr with a constant', { $expr: true }, [1, 2, 3]],
    ['$expr on a missing field', { $expr: '$nope' }, []],
    ['a position', { 'tags.1': 'z' }, [3]],
    ['$ne on an array', { tags: { $ne: 'x' } }, [2]],
  ])('%s', async (_name, filter, ids) => {
    expect((await items.find(filter).sort({ _id: 1 }).toArray()).map(({ _id }) => _id)).toEqual(ids);
  });

  it.each<[string, mongo.Document, mongo.Document]>([
    ['inclusion', { name: 1 }, { _id: 3, name: 'Ada' }],
    ['exclusion', { tags: 0, _id: 0 }, { name: 'Ada' }],
    ['the first of an array', { tags: { $slice: 1 }, _id: 0 }, { name: 'Ada', tags: ['y'] }],
    ['the last of an array', { tags: { $slice: -2 }, _id: 0 }, { name: 'Ada', tags: ['z', 'x'] }],
    ['a window from the end', { tags: { $slice: [-3, 2] }, _id: 0 }, { name: 'Ada', tags: ['y', 'z'] }],
    ['$elemMatch', { tags: { $elemMatch: { $gt: 'y' } }, _id: 0 }, { tags: ['z'] }],
    ['a missing field as nothing', { nothing: '$nope', one: { $literal: 1 }, _id: 0 }, { one: 1 }],
    ['an expression', { upper: { $toUpper: '$name' }, _id: 0 }, { upper: 'ADA' }],
  ])('projects %s', async (_name, projection, expected) => {
    expect(await items.findOne({ _id: 3 }, { projection })).toEqual(expected);
  });

  it('walks a cursor in batches, and kills one', async () => {
    const many = collection();
    await many.insertMany(Array.from({ length: 250 }, (_, i) => ({ _id: i })));
    expect(await many.find().toArray()).toHaveLength(250);
    const seen = await many.find().sort({ _id: -1 }).skip(10).limit(95).batchSize(20).toArray();
    expect(seen.map(({ _id }) => _id)).toEqual(Array.from({ length: 95 }, (_, i) => 239 - i));
    const cursor = many.find().batchSize(2);
    await cursor.next();
    const { id } = cursor;
    await cursor.close();
    const command = { getMore: id, collection: many.collectionName };
    await expect(harness.db.command(command)).rejects.toMatchObject({ code: 43 });
  });

  it('aggregates', async () => {
    const grouped = await items
      .aggregate([
        { $match: { name: 'Ada' } },
        { $unwind: '$tags' },
        { $group: { _id: '$tags', n: { $sum: 1 } } },
        { $sort: { _id: 1 } },
      ])
      .toArray();
    expect(grouped).toEqual([
      { _id: 'x', n: 2 },
      { _id: 'y', n: 2 },
      { _id: 'z', n: 1 },
    ]);
    const joined = await items
      .aggregate([
        { $match: { _id: 2 } },
        { $lookup: { from: items.collectionName, localField: '_id', foreignField: '_id', as: 'same' } },
        { $project: { n: { $size: '$same' } } },
      ])
      .toArray();
    expect(joined).toEqual([{ _id: 2, n: 1 }]);
    expect(await items.countDocuments({ name: 'Ada' })).toBe(2);
    expect(await items.estimatedDocumentCount()).toBe(3);
  });

  it('takes a field called pipeline for a field', async () => {
    const rows = collection();
    const pipeline = [{ a: 1, b: 2 }];
    await rows.insertOne({ _id: 1, n: 1 });
    expect(await rows.aggregate([{ $addFields: { pipeline } }]).toArray()).toEqual([
      { _id: 1, n: 1, pipeline },
    ]);
    expect(await rows.aggregate([{ $match: { pipeline } }]).toArray()).toEqual([]);
  });

  it('aggregates by identifiers and dates', async () => {
    const rows = collection();
    const [owner, other] = [new ObjectId(), new ObjectId()];
    const at = new Date(5);
    await rows.insertMany([
      { _id: 1, owner, at },
      { _id: 2, owner: other, at },
      { _id: 3, owner, at: new Date(6) },
    ]);
    const byOwner = await rows
      .aggregate([{ $group: { _id: '$owner', n: { $sum: 1 }, last: { $max: '$at' } } }, { $sort: { n: -1 } }])
      .toArray();
    expect(byOwner).toEqual([
      { _id: owner, n: 2, last: new Date(6) },
      { _id: other, n: 1, last: at },
    ]);
    const joined = await rows
      .aggregate([
        { $lookup: { from: rows.collectionName, localField: 'owner', foreignField: 'owner', as: 'same' } },
        { $match: { owner } },
        { $project: { n: { $size: '$same' } } },
      ])
      .toArray();
    expect(joined).toEqual([
      { _id: 1, n: 2 },
      { _id: 3, n: 2 },
    ]);
    expect(
      await rows.aggregate([{ $group: { _id: '$at', n: { $sum: 1 } } }, { $match: { _id: at } }]).toArray(),
    ).toEqual([{ _id: at, n: 2 }]);
  });

  it('explains which index it used', async () => {
    const plan = await items.find({ _id: 2 }).explain();
    expect(plan).toMatchObject({
      queryPlanner: { winningPlan: { inputStage: { indexName: '_id_' } } },
      executionStats: { nReturned: 1, totalDocsExamined: 1 },
    });
  });

  it.each<[string, mongo.Document, number]>([
    ['an unknown operator', { find: 'x', filter: { a: { $near: 1 } } }, 2],
    ['an unknown top level operator', { find: 'x', filter: { $where: '1' } }, 2],
    ['a broken pattern', { find: 'x', filter: { a: { $regex: '(' } } }, 51_091],
    ['a filter that is no document', { find: 'x', filter: 5 }, 14],
    ['a negative skip', { find: 'x', skip: -1 }, 51_024],
    ['collation', { find: 'x', collation: { locale: 'de' } }, 115],
    ['an unknown stage', { aggregate: 'x', pipeline: [{ $foo: 1 }], cursor: {} }, 40_324],
    ['a change stream', { aggregate: 'x', pipeline: [{ $changeStream: {} }], cursor: {} }, 40_573],
    ['$bucket', { aggregate: 'x', pipeline: [{ $bucket: {} }], cursor: {} }, 115],
    [
      '$bucket in $facet',
      { aggregate: 'x', pipeline: [{ $facet: { a: [{ $bucket: {} }] } }], cursor: {} },
      115,
    ],
    [
      '$bucket in $lookup',
      {
        aggregate: 'x',
        pipeline: [{ $lookup: { from: 'x', pipeline: [{ $bucket: {} }], as: 'y' } }],
        cursor: {},
      },
      115,
    ],
    ['an unknown command', { fly: 1 }, 59],
    ['a transaction', { find: 'x', txnNumber: Long.ONE, autocommit: false, startTransaction: true }, 20],
    ['an invalid name', { insert: 'a$b', documents: [{}] }, 73],
    ['positional projection', { find: 'x', projection: { 'a.$': 1 } }, 31_394],
    ['mixed projection', { find: 'x', projection: { a: 1, b: 0 } }, 31_254],
  ])('refuses %s', async (_name, command, code) => {
    await expect(harness.db.command(command)).rejects.toMatchObject({ code });
  });
});

describe('bulk writes', () => {
  it('stop at the first error when ordered, go on when not', async () => {
    const [ordered, unordered] = [collection(), collection()];
    const documents = [{ _id: 1 }, { _id: 1 }, { _id: 2 }];
    await expect(ordered.insertMany(documents)).rejects.toMatchObject({ code: 11_000, insertedCount: 1 });
    await expect(unordered.insertMany(documents, { ordered: false })).rejects.toMatchObject({
      insertedCount: 2,
    });
    expect(await ordered.countDocuments()).toBe(1);
    expect(await unordered.countDocuments()).toBe(2);
  });

  it('mix operations in order', async () => {
    const items = collection<{ _id: number; n: number }>();
    const result = await items.bulkWrite([
      { insertOne: { document: { _id: 1, n: 1 } } },
      { updateOne: { filter: { _id: 1 }, update: { $inc: { n: 1 } } } },
      { replaceOne: { filter: { _id: 2 }, replacement: { n: 9 }, upsert: true } },
      { deleteMany: { filter: { n: 2 } } },
    ]);
    expect(result).toMatchObject({ insertedCount: 1, modifiedCount: 1, deletedCount: 1, upsertedCount: 1 });
    expect(await items.find().toArray()).toEqual([{ _id: 2, n: 9 }]);
  });
});

describe('findAndModify', () => {
  it('sorts, answers with before or after, upserts and removes', async () => {
    const items = collection();
    await items.insertMany([
      { _id: 1, p: 1 },
      { _id: 2, p: 9 },
    ]);
    const set = { $set: { taken: true } };
    expect(await items.findOneAndUpdate({}, set, { sort: { p: -1 } })).toEqual({ _id: 2, p: 9 });
    expect(
      await items.findOneAndUpdate({ _id: 1 }, set, { returnDocument: 'after', projection: { taken: 1 } }),
    ).toEqual({
      _id: 1,
      taken: true,
    });
    const upsert = { upsert: true, returnDocument: 'after' } as const;
    expect(await items.findOneAndReplace({ _id: 3 }, { n: 1 }, upsert)).toEqual({ _id: 3, n: 1 });
    expect(await items.findOneAndDelete({ _id: 3 })).toEqual({ _id: 3, n: 1 });
    expect(await items.findOneAndDelete({ _id: 3 })).toBeNull();
  });
});

describe('indexes', () => {
  it('are unique for those documents a partial index covers', async () => {
    const items = collection();
    await items.createIndex(
      { key: 1 },
      { unique: true, partialFilterExpression: { key: { $exists: true } } },
    );
    await items.insertMany([{ _id: 1 }, { _id: 2 }, { _id: 3, key: 'a' }]);
    await expect(items.insertOne({ _id: 4, key: 'a' })).rejects.toMatchObject({ code: 11_000 });
    await expect(items.updateOne({ _id: 1 }, { $set: { key: 'a' } })).rejects.toMatchObject({ code: 11_000 });
    expect(await items.find({ key: 'a' }).toArray()).toEqual([{ _id: 3, key: 'a' }]);
  });

  it('are not built over duplicates', async () => {
    const items = collection();
    await items.insertMany([
      { _id: 1, a: 1, b: 2 },
      { _id: 2, a: 1, b: 2 },
    ]);
    await expect(items.createIndex({ a: 1, b: -1 }, { unique: true })).rejects.toMatchObject({
      code: 11_000,
    });
    expect(await items.indexes()).toHaveLength(1);
  });

  it('are created once and listed', async () => {
    const items = collection();
    expect(await items.createIndex({ a: 1 })).toBe('a_1');
    expect(await items.createIndex({ a: 1 })).toBe('a_1');
    await expect(items.createIndex({ a: 1 }, { name: 'other' })).rejects.toMatchObject({ code: 85 });
    await expect(items.createIndex({ b: 1 }, { name: 'a_1' })).rejects.toMatchObject({ code: 86 });
    await expect(items.createIndex({ a: 'text' })).rejects.toMatchObject({ code: 67 });
    expect((await items.indexes()).map(({ name }) => name)).toEqual(['_id_', 'a_1']);
  });

  it('expire documents', async () => {
    const items = collection();
    await items.createIndex({ at: 1 }, { expireAfterSeconds: 3600 });
    await items.insertMany([
      { _id: 'old', at: new Date(0) },
      { _id: 'new', at: new Date() },
      { _id: 'none' },
    ]);
    while ((await items.countDocuments()) > 2) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await items.distinct('_id')).toEqual(['new', 'none']);
  });
});

describe('administration', () => {
  it('creates, lists and drops collections and databases', async () => {
    const { connection } = harness;
    const db = connection.getClient().db('other');
    await db.createCollection('a');
    await expect(db.createCollection('a')).rejects.toMatchObject({ code: 48 });
    await db.collection('b').insertOne({ x: 1 });
    expect((await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name)).toEqual([
      'a',
      'b',
    ]);
    await db.dropDatabase();
    expect(await db.listCollections().toArray()).toEqual([]);
  });

  it('says what it is', async () => {
    expect(await harness.db.command({ buildInfo: 1 })).toMatchObject({
      version: '7.0.0',
      cloudemyEmulator: true,
    });
    expect(await harness.db.command({ hello: 1 })).toMatchObject({
      isWritablePrimary: true,
      cloudemyEmulator: true,
    });
    expect(await harness.db.admin().serverStatus()).toMatchObject({ ok: 1 });
  });

  it('refuses transactions in a session with a clear error', async () => {
    const client = harness.connection.getClient();
    const work = client.withSession((session) =>
      session.withTransaction(() => client.db('test').collection('t').insertOne({ a: 1 }, { session })),
    );
    // The driver's own words for error 20; it says the same of a real standalone.
    await expect(work).rejects.toThrow('does not support retryable writes');
  });
});
