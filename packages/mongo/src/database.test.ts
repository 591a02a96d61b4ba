import { until } from '@cloudemy/testing';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type LocalMongo, startLocalMongo } from '@cloudemy/emulator-mongo';
import { createLogger } from '@cloudemy/service';
import { Database } from './database.js';

let mongo: LocalMongo;
let database: Database;
beforeEach(async () => {
  mongo = await startLocalMongo();
  database = new Database('test', createLogger('test', 'silent'), 2_500);
});
afterEach(async () => {
  await database.close();
  await mongo.close();
});

test('a client that does not come back by itself is replaced, and models work on', async () => {
  let prepared = 0;
  database.open(mongo.uri, 'test', () => Promise.resolve((prepared += 1)));
  await until(() => database.ready);
  const things = database.connection.collection<{ _id: number }>('things');
  await things.insertOne({ _id: 1 });
  // Like a monitor that waits for ever: whatever MongoDB does, this client will not find it again.
  await database.connection.getClient().close();
  await expect(database.ping()).rejects.toThrow(/connect|close/i);
  await until(() => prepared > 1 && database.ready);
  await database.ping();
  expect(await things.findOne({ _id: 1 })).toEqual({ _id: 1 });
});
