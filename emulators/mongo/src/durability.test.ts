import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { MongoClient } from './testing/client.js';
import { startLocalMongo } from './server.js';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emulator-mongo-'));
});
const children = new Set<ChildProcess>();
afterEach(async () => {
  // Only when they have ended does nobody write into the folder any more.
  const running = [...children].filter(
    ({ exitCode, signalCode }) => exitCode === null && signalCode === null,
  );
  await Promise.all(running.map((child) => (child.kill('SIGKILL'), once(child, 'exit'))));
  children.clear();
  await rm(folder, { recursive: true, force: true });
});

async function startChild(...args: string[]): Promise<{ child: ChildProcess; uri: string }> {
  const child = spawn(process.execPath, [MAIN, '--folder', folder, ...args], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  children.add(child);
  if (!child.stdout) throw new Error('the child has no output');
  for await (const line of createInterface({ input: child.stdout })) {
    const { uri } = JSON.parse(line) as { uri: string };
    return { child, uri };
  }
  throw new Error('the server ended before it was ready');
}

/** Runs with a client on a server over the folder. */
async function withClient<T>(use: (client: MongoClient) => Promise<T>): Promise<T> {
  const server = await startLocalMongo({ folder });
  const client = await MongoClient.connect(server.uri);
  try {
    return await use(client);
  } finally {
    await client.close();
    await server.close();
  }
}

describe('a server with a folder', () => {
  it('has every acknowledged write after kill -9 in the middle of writing', async () => {
    const { child, uri } = await startChild();
    const client = await MongoClient.connect(uri);
    const items = client.db('test').collection<{ _id: number; n: number }>('items');
    await items.createIndex({ n: 1 }, { unique: true });
    const acknowledged: number[] = [];
    const write = async (start: number): Promise<void> => {
      for (let id = start; ; id += 8) {
        await items.insertOne({ _id: id, n: id });
        acknowledged.push(id);
        if (acknowledged.length === 400) child.kill('SIGKILL');
      }
    };
    const exited = once(child, 'exit');
    await Promise.allSettled(Array.from({ length: 8 }, (_, start) => write(start)));
    await exited;
    await client.close();

    await withClient(async (reopened) => {
      const stored = reopened.db('test').collection<{ _id: number; n: number }>('items');
      const ids = new Set((await stored.find().toArray()).map(({ _id }) => _id));
      expect(acknowledged.length).toBeGreaterThanOrEqual(400);
      expect(acknowledged.filter((id) => !ids.has(id))).toEqual([]);
      await expect(stored.insertOne({ _id: -1, n: acknowledged[0] ?? 0 })).rejects.toMatchObject({
        code: 11_000,
      });
    });
  });

  it('keeps updates, deletions, indexes and drops', async () => {
    await withClient(async (client) => {
      const db = client.db('test');
      const items = db.collection<{ _id: number; v?: number }>('items');
      await items.insertMany([{ _id: 1 }, { _id: 2 }, { _id: 3 }]);
      await items.updateOne({ _id: 1 }, { $set: { v: 7 } });
      await items.deleteOne({ _id: 2 });
      await items.createIndex({ v: 1 }, { name: 'by_v', sparse: true });
      await db.collection('gone').insertOne({ a: 1 });
      await db.collection('gone').drop();
    });
    await withClient(async (client) => {
      const db = client.db('test');
      const items = db.collection<{ _id: number; v?: number }>('items');
      expect(await items.find().toArray()).toEqual([{ _id: 1, v: 7 }, { _id: 3 }]);
      expect(await items.indexes()).toContainEqual({ v: 2, key: { v: 1 }, name: 'by_v', sparse: true });
      expect((await db.listCollections().toArray()).map(({ name }) => name)).toEqual(['items']);
    });
  });

  it('opens a log that was cut at any byte of its last record', async () => {
    const path = join(folder, 'data.log');
    await withClient(async (client) => {
      await client.db('test').collection<{ _id: number }>('items').insertOne({ _id: 1 });
    });
    const { size: whole } = await stat(path);
    await withClient(async (client) => {
      await client.db('test').collection<{ _id: number }>('items').insertOne({ _id: 2 });
    });
    const bytes = await readFile(path);
    for (let cut = whole; cut < bytes.length; cut++) {
      await writeFile(path, bytes.subarray(0, cut));
      await withClient(async (client) => {
        const items = client.db('test').collection<{ _id: number }>('items');
        expect(await items.distinct('_id')).toEqual([1]);
      });
      expect((await stat(path)).size).toBe(whole);
    }
  });

  it('cuts a torn last record, and keeps the file as it was beside it', async () => {
    const path = join(folder, 'data.log');
    await withClient((client) =>
      client.db('test').collection<{ _id: number }>('items').insertOne({ _id: 1 }),
    );
    await appendFile(path, Buffer.alloc(300));
    const torn = await readFile(path);
    await withClient(async (client) => {
      const items = client.db('test').collection<{ _id: number }>('items');
      await items.insertOne({ _id: 2 });
    });
    expect(await readFile(`${path}.torn`)).toEqual(torn);
    await withClient(async (client) => {
      expect(await client.db('test').collection('items').countDocuments({})).toBe(2);
    });
    await truncate(path, 5);
    await withClient(async (client) => {
      expect(await client.db('test').collection('items').countDocuments({})).toBe(0);
    });
  });

  it('refuses a log with a flipped bit, names file and offset, and leaves the file alone', async () => {
    const path = join(folder, 'data.log');
    await withClient(async (client) => {
      const items = client.db('test').collection<{ _id: number }>('items');
      for (let _id = 0; _id < 5; _id++) await items.insertOne({ _id });
    });
    const whole = await readFile(path);
    const lastRecord = whole.length - 8 - 3 - 'test.items'.length - 14;
    for (let at = 0; at < lastRecord; at++) {
      const damaged = Buffer.from(whole);
      damaged.writeUInt8(damaged.readUInt8(at) ^ (1 << (at % 8)), at);
      await writeFile(path, damaged);
      await expect(startLocalMongo({ folder })).rejects.toThrow(
        /data\.log is (damaged: the record at byte \d+|not a log of this server)/,
      );
      expect(await readFile(path)).toEqual(damaged);
    }
  });

  it('rewrites a log that is mostly history, losing nothing', async () => {
    const filler = 'x'.repeat(100_000);
    await withClient(async (client) => {
      const items = client.db('test').collection<{ _id: number; n: number; filler: string }>('items');
      await items.createIndex({ n: 1 });
      await items.insertOne({ _id: 1, n: 0, filler });
      for (let n = 1; n <= 100; n++) await items.updateOne({ _id: 1 }, { $set: { n } });
    });
    expect((await stat(join(folder, 'data.log'))).size).toBeLessThan(9_000_000);
    await withClient(async (client) => {
      const items = client.db('test').collection<{ _id: number; n: number; filler: string }>('items');
      expect(await items.findOne()).toEqual({ _id: 1, n: 100, filler });
      expect(await items.indexes()).toHaveLength(2);
    });
  });

  it('refuses a second server on the folder, and takes over the lock of a dead one', async () => {
    const { child } = await startChild();
    await expect(startLocalMongo({ folder })).rejects.toThrow(`in use by process ${child.pid}`);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const server = await startLocalMongo({ folder });
    await server.close();
  });

  it('ends cleanly on SIGTERM, and with its parent when asked', async () => {
    const first = await startChild();
    first.child.kill('SIGTERM');
    expect(await once(first.child, 'exit')).toEqual([0, null]);
    const second = await startChild('--exit-with-parent');
    second.child.stdin?.end();
    expect(await once(second.child, 'exit')).toEqual([0, null]);
  });
});
