import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultCacheFolder } from '@cloudemy/emulator-stack';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import mongoose from 'mongoose';
import { Link } from '../parts/link.js';
import { Restartable } from '../parts/restartable.js';
import { mongoPart } from '../parts/store-parts.js';
import type { PartName } from '../plan/catalogue.js';
import { type DatabaseWorld, damage, fillDisk, restoreLater } from './database.js';

const startMs = 60_000;

let folder: string;
let world: DatabaseWorld;
let part: Restartable;
let connection: mongoose.Connection;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cloudemy-database-'));
  const links = { mongodb: await Link.open('127.0.0.1') };
  const parts = new Map<PartName, Restartable>();
  const folders = { data: folder, logs: join(folder, 'logs'), cache: defaultCacheFolder() };
  world = { folders, links, parts, restored: [], findings: [] };
  part = new Restartable('mongodb', mongoPart(world), () => {});
  parts.set('mongodb', part);
  await part.start();
  const uri = `mongodb://127.0.0.1:${links.mongodb.port}/test?directConnection=true`;
  connection = await mongoose.createConnection(uri).asPromise();
}, startMs);
afterEach(async () => {
  await connection.close();
  await part.close();
  await world.links.mongodb.close();
  await rm(folder, { recursive: true, force: true });
}, startMs);

const items = () => connection.collection('items');
const add = (from: number, count: number) =>
  items().insertMany(
    Array.from({ length: count }, (_, index) => ({ n: from + index, text: 'x'.repeat(200) })),
  );

test(
  'restore: what was written after the copy is gone, what was there before is not',
  async () => {
    await add(0, 50);
    const restore = await restoreLater(world);
    await add(50, 20);
    await restore();
    expect(await items().countDocuments()).toBe(50);
    expect(world.restored).toHaveLength(1);
  },
  startMs,
);

test(
  'damage: it refuses to start on the damaged file, and has all with the restored one',
  async () => {
    await add(0, 50);
    expect(await damage(world)).toBe(true);
    expect(world.findings).toEqual([]);
    expect(await items().countDocuments()).toBe(50);
  },
  startMs,
);

test(
  'full disk: writes are refused until there is room, and nothing acknowledged is lost over a restart',
  async () => {
    await add(0, 50);
    const free = await fillDisk(world);
    await expect(add(50, 100)).rejects.toMatchObject({ code: 14_031 });
    await free?.();
    await add(200, 10);
    const known = await items().countDocuments();
    await part.kill();
    await part.start();
    expect(await items().countDocuments()).toBe(known);
  },
  startMs,
);
