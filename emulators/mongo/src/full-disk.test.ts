import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogFile } from './storage/log-file.js';
import { MongoClient } from './testing/client.js';
import { startLocalMongo } from './server.js';

/** A disk that holds as many bytes of log as it is told, and no more. */
class Disk {
  room = Number.POSITIVE_INFINITY;

  readonly open = async (path: string, flags: string): Promise<LogFile> => {
    const file = await open(path, flags);
    const write = async (bytes: Uint8Array, offset: number, length: number, position: number) => {
      const fits = Math.min(length, this.room - position);
      if (fits <= 0)
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
      return file.write(bytes, offset, fits, position);
    };
    return {
      write: write as LogFile['write'],
      truncate: (size) => file.truncate(size),
      datasync: () => file.datasync(),
      sync: () => file.sync(),
      close: () => file.close(),
    };
  };
}

interface Item {
  _id: number;
  v?: number;
  filler?: string;
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emulator-mongo-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function withDisk(
  use: (client: MongoClient, disk: Disk, log: string[]) => Promise<void>,
): Promise<void> {
  const disk = new Disk();
  const log: string[] = [];
  const server = await startLocalMongo({
    folder,
    openLog: disk.open,
    ttlIntervalMs: 20,
    log: (line) => log.push(line),
  });
  const client = await MongoClient.connect(server.uri);
  try {
    await use(client, disk, log);
  } finally {
    await client.close();
    await server.close();
  }
}

const OUT_OF_SPACE = { code: 14_031, codeName: 'OutOfDiskSpace' };

describe('a server whose disk is full', () => {
  it('answers each write with an error, and shows none of them to a read, before and after a restart', async () => {
    await withDisk(async (client, disk) => {
      const db = client.db('test');
      const items = db.collection<Item>('items');
      await items.createIndex({ v: 1 }, { unique: true });
      await items.insertMany([
        { _id: 1, v: 1 },
        { _id: 2, v: 2 },
      ]);
      disk.room = 0;
      await expect(items.insertOne({ _id: 3, v: 3 })).rejects.toMatchObject(OUT_OF_SPACE);
      await expect(items.updateOne({ _id: 1 }, { $set: { v: 5 } })).rejects.toMatchObject(OUT_OF_SPACE);
      await expect(items.deleteOne({ _id: 2 })).rejects.toMatchObject(OUT_OF_SPACE);
      await expect(items.findOneAndDelete({ _id: 2 })).rejects.toMatchObject(OUT_OF_SPACE);
      await expect(items.createIndex({ filler: 1 })).rejects.toMatchObject(OUT_OF_SPACE);
      await expect(db.createCollection('more')).rejects.toMatchObject(OUT_OF_SPACE);
      await expect(items.drop()).rejects.toMatchObject(OUT_OF_SPACE);
      await expectUntouched(client);
    });
    await withDisk((client) => expectUntouched(client));
  });

  it('undoes the one batch that met the end of the disk, whole records of it included', async () => {
    await withDisk(async (client, disk) => {
      const items = client.db('test').collection<Item>('items');
      await items.insertOne({ _id: 0, v: 0 });
      disk.room = 700;
      const filler = 'x'.repeat(100);
      const attempts = await Promise.allSettled([
        items.insertMany(Array.from({ length: 20 }, (_, i) => ({ _id: 100 + i, filler }))),
        items.updateOne({ _id: 0 }, { $set: { v: 9 } }),
        items.replaceOne({ _id: 0 }, { v: 10, filler: filler.repeat(10) }),
        items.deleteOne({ _id: 0 }),
      ]);
      expect(attempts.map(({ status }) => status)).toContain('rejected');
      disk.room = Number.POSITIVE_INFINITY;
      const seen = await items.find().toArray();
      await items.insertOne({ _id: 1000 });
      expect(await items.find({ _id: { $lt: 1000 } }).toArray()).toEqual(seen);
    });
    await withDisk(async (client) => {
      const items = client.db('test').collection<Item>('items');
      expect(await items.countDocuments({ filler: 'x'.repeat(100) })).toBe(0);
      expect(await items.countDocuments({ _id: 1000 })).toBe(1);
    });
  });

  it('takes writes again by itself as soon as there is room, and keeps them', async () => {
    await withDisk(async (client, disk, log) => {
      const items = client.db('test').collection<Item>('items');
      await items.insertOne({ _id: 1 });
      disk.room = 0;
      await expect(items.insertOne({ _id: 2 })).rejects.toMatchObject(OUT_OF_SPACE);
      expect(await items.countDocuments({})).toBe(1);
      disk.room = Number.POSITIVE_INFINITY;
      await items.insertOne({ _id: 2 });
      // The removal of expired documents may have met the full disk as well.
      expect(log.filter((line) => !line.includes('removal of expired'))).toEqual([
        expect.stringContaining('not a mongod'),
        expect.stringMatching(/^read-only: cannot write .*data\.log: ENOSPC/),
        expect.stringMatching(/data\.log can be written again$/),
      ]);
    });
    await withDisk(async (client) => {
      expect(await client.db('test').collection('items').countDocuments({})).toBe(2);
    });
  });

  it('rewrites a log that is mostly history before it fills the disk', async () => {
    await withDisk(async (client, disk) => {
      const items = client.db('test').collection<Item>('items');
      await items.insertOne({ _id: 1, filler: 'x'.repeat(1_000_000) });
      disk.room = 9_500_000;
      for (let v = 1; v <= 40; v++) await items.updateOne({ _id: 1 }, { $set: { v } });
      expect(await items.findOne({}, { projection: { v: 1 } })).toEqual({ _id: 1, v: 40 });
    });
  });
});

async function expectUntouched(client: MongoClient): Promise<void> {
  const db = client.db('test');
  const items = db.collection<Item>('items');
  expect(await items.find().toArray()).toEqual([
    { _id: 1, v: 1 },
    { _id: 2, v: 2 },
  ]);
  expect(
    await items
      .find({ v: { $gte: 0 } })
      .sort({ v: -1 })
      .toArray(),
  ).toHaveLength(2);
  expect((await items.indexes()).map(({ name }) => name)).toEqual(['_id_', 'v_1']);
  expect((await db.listCollections().toArray()).map(({ name }) => name)).toEqual(['items']);
}
