import { until } from '@cloudemy/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startLocalMongo } from '@cloudemy/emulator-mongo';
import mongoose from 'mongoose';
import { jwtVerify } from 'jose';
import { AccessTokens } from './access-tokens.js';
import { KeyRing } from './key-ring.js';
import { signingKeyModel } from './model.js';
import { SecretBox } from './secret-box.js';

let mongo: Awaited<ReturnType<typeof startLocalMongo>>;
let connection: mongoose.Connection;

beforeAll(async () => {
  mongo = await startLocalMongo();
  connection = await mongoose.createConnection(mongo.uri, { dbName: 'keys' }).asPromise();
});
afterAll(async () => {
  await connection.close();
  await mongo.close();
});

const hour = 3_600_000;
const who = { userId: '66f0c0ffee00000000000001', roles: ['student' as const] };
const tokenOptions = { issuer: 'cloudemy', audience: 'cloudemy', ttlSeconds: 300 };

/** A replica's keys at an instant of its own. */
function ringAt(instant: () => number, secret = 'a secret of the tests', rotationMs = hour) {
  const keys = new KeyRing(signingKeyModel(connection), new SecretBox(secret), {
    rotationMs,
    keepMs: 300_000,
    now: instant,
  });
  return { keys, sign: async () => (await new AccessTokens(keys, tokenOptions).sign(who)).access_token };
}

const kids = async ({ keys }: ReturnType<typeof ringAt>) =>
  (await keys.publicKeys()).keys.map(({ kid }) => kid).toSorted((a, b) => (a < b ? -1 : 1));

/** In the middle of a period, so that no test runs over its end. */
const middle = Math.floor(Date.now() / hour) * hour + hour / 2;

test('replicas that begin at once sign with one key, and publish the next', async () => {
  const rings = Array.from({ length: 5 }, () => ringAt(() => middle));
  const signing = await Promise.all(rings.map(async ({ keys }) => (await keys.current()).kid));
  expect(new Set(signing).size).toBe(1);
  const published = await Promise.all(rings.map(kids));
  expect(published[0]).toHaveLength(2);
  expect(published[0]).toContain(signing[0]);
  for (const others of published) expect(others).toEqual(published[0]);
});

test('after a rotation the key signs that was published before, and older tokens are still good', async () => {
  let now = middle;
  const before = ringAt(() => now);
  const old = await before.sign();
  const announced = await kids(before);
  now += hour;
  const after = ringAt(() => now);
  const fresh = await after.sign();
  expect(announced).toContain((await after.keys.current()).kid);
  expect((await after.keys.current()).kid).not.toBe((await ringAt(() => middle).keys.current()).kid);
  // Both replicas, the one that has just woken up and the one that was there, take both tokens.
  for (const { keys } of [before, after]) {
    for (const token of [old, fresh]) {
      await expect(jwtVerify(token, keys.find)).resolves.toMatchObject({ payload: { sub: who.userId } });
    }
  }
});

test('a key that another replica has made meanwhile is found', async () => {
  const reader = ringAt(() => middle);
  await reader.keys.publicKeys();
  const writer = ringAt(() => middle, 'another secret of the tests');
  const token = await writer.sign();
  await until(async () => {
    const found = await jwtVerify(token, reader.keys.find).catch(() => undefined);
    return found?.payload.sub === who.userId;
  });
});

test('private keys are in the database for those with the secret only', async () => {
  await ringAt(() => middle).keys.current();
  const rows = await signingKeyModel(connection).find().lean();
  expect(rows.length).toBeGreaterThan(0);
  for (const { _id, sealed, public_key: key } of rows) {
    expect(JSON.stringify(key)).not.toContain('"d"');
    expect(() => new SecretBox('not the secret of the tests').open(sealed, _id)).toThrow(/authenticate/);
    expect(() => new SecretBox('a secret of the tests').open(sealed, 'another place')).toThrow(
      /authenticate/,
    );
  }
});
