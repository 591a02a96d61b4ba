import { type LocalMongo, startLocalMongo } from '@cloudemy/emulator-mongo';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import mongoose, { type Collection, type Connection, type Types } from 'mongoose';
import { GatheredInserts, GatheredReads, isDuplicateKey, isOutage, newId } from './index.js';

interface Thing {
  _id: Types.ObjectId;
  name: string;
}

let mongo: LocalMongo;
let connection: Connection;
let things: Collection<Thing>;
beforeAll(async () => {
  mongo = await startLocalMongo();
  connection = await mongoose
    .createConnection(mongo.uri, { dbName: 'test', serverSelectionTimeoutMS: 500 })
    .asPromise();
  things = connection.collection<Thing>('things');
});
beforeEach(async () => {
  await things.deleteMany({});
});
afterAll(async () => {
  await connection.close();
  await mongo.close();
});

const thing = (name: string): Thing => ({ _id: newId().id, name });

test('inserts that come together are stored, and each that meets its twin alone is refused', async () => {
  const inserts = new GatheredInserts(things);
  const first = thing('first');
  await inserts.insert(first);
  const rows = Array.from({ length: 60 }, (_, index) =>
    index % 20 === 7 ? { ...thing('twin'), _id: first._id } : thing(`thing ${index}`),
  );
  const outcomes = await Promise.allSettled(rows.map((row) => inserts.insert(row)));
  for (const [index, outcome] of outcomes.entries()) {
    if (index % 20 === 7) expect(outcome.status === 'rejected' && isDuplicateKey(outcome.reason)).toBe(true);
    else expect(outcome.status).toBe('fulfilled');
  }
  expect(await things.countDocuments()).toBe(1 + 57);
});

test('of two twins in one command the first is stored', async () => {
  const inserts = new GatheredInserts(things);
  const one = thing('one');
  const [first, second] = await Promise.allSettled([
    inserts.insert(one),
    inserts.insert({ ...one, name: 'other' }),
  ]);
  expect(first.status).toBe('fulfilled');
  expect(second.status === 'rejected' && isDuplicateKey(second.reason)).toBe(true);
  expect(await things.findOne({ _id: one._id })).toEqual(one);
});

test('reads that come together find each its own, and nothing for what is not there', async () => {
  const rows = Array.from({ length: 70 }, (_, index) => thing(`thing ${index}`));
  await things.insertMany(rows);
  const reads = new GatheredReads((filter) => things.find(filter).toArray());
  const missing = newId().id;
  const ids = [...rows.map(({ _id }) => _id), missing, ...rows.map(({ _id }) => _id)];
  expect(await Promise.all(ids.map((id) => reads.find(id)))).toEqual([...rows, null, ...rows]);
});

test('when the database is away, all who wait are told so', async () => {
  const other = await startLocalMongo();
  const away = await mongoose
    .createConnection(other.uri, { dbName: 'test', serverSelectionTimeoutMS: 300 })
    .asPromise();
  await other.close();
  const inserts = new GatheredInserts(away.collection<Thing>('things'));
  const outcomes = await Promise.allSettled([inserts.insert(thing('a')), inserts.insert(thing('b'))]);
  for (const outcome of outcomes)
    expect(outcome.status === 'rejected' && isOutage(outcome.reason)).toBe(true);
  await away.close();
});
