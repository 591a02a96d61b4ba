import { describe, expect, it } from '@jest/globals';
import { startLocalMongo } from '../server.js';
import { MongoClient } from '../testing/client.js';

const USERS = [
  { user: 'backend', password: 'p=ss,w:rd/€' },
  { user: 'de,ploy=er', password: 'another' },
];

/** Runs with a server that has users; gives the connection string of one of them. */
async function withServer(
  use: (uri: (user: string, password: string, authSource?: string) => string) => Promise<void>,
): Promise<void> {
  const server = await startLocalMongo({ users: USERS });
  try {
    await use((user, password, authSource = 'admin') => {
      const who = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
      return `mongodb://${who}@127.0.0.1:${server.port}/?authSource=${authSource}&directConnection=true`;
    });
  } finally {
    await server.close();
  }
}

describe('a server with users', () => {
  it.each(USERS)(
    'lets $user in with the password, on every connection of the pool',
    async ({ user, password }) => {
      await withServer(async (uri) => {
        await using client = await MongoClient.connect(uri(user, password));
        const items = client.db('test').collection<{ _id: number }>('items');
        await Promise.all(Array.from({ length: 20 }, (_, _id) => items.insertOne({ _id })));
        expect(await items.countDocuments()).toBe(20);
      });
    },
  );

  it.each([
    ['another password', 'backend', 'wrong', 'admin'],
    ['an unknown user', 'nobody', 'another', 'admin'],
    ['another authSource', 'backend', 'p=ss,w:rd/€', 'test'],
  ])('refuses %s as a mongod does', async (_, user, password, authSource) => {
    await withServer(async (uri) => {
      await expect(MongoClient.connect(uri(user, password, authSource))).rejects.toMatchObject({
        code: 18,
        codeName: 'AuthenticationFailed',
      });
    });
  });

  it('refuses commands of a client that has not said who it is, and answers hello and ping', async () => {
    await withServer(async (uri) => {
      await using client = await MongoClient.connect(
        uri('', '')
          .replace('//:@', '//')
          .replace(/authSource=\w+&/, ''),
      );
      expect(await client.db('test').command({ ping: 1 })).toMatchObject({ ok: 1 });
      for (const command of [
        { find: 'items' },
        { insert: 'items', documents: [{}] },
        { listCollections: 1 },
      ]) {
        await expect(client.db('admin').command(command)).rejects.toMatchObject({
          code: 13,
          codeName: 'Unauthorized',
        });
      }
      await expect(client.db('admin').command({ saslContinue: 1, payload: '' })).rejects.toMatchObject({
        code: 17,
      });
    });
  });
});
