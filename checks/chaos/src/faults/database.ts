import { execFile } from 'node:child_process';
import { cp, open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { nodePid } from '../parts/node-pid.js';
import { type MongoSite, mongoPart } from '../parts/store-parts.js';
import type { World } from '../parts/world.js';

const run = promisify(execFile);

/** What these faults touch. */
export type DatabaseWorld = MongoSite & Pick<World, 'parts' | 'restored' | 'findings'>;

const folderOf = ({ folders }: DatabaseWorld): string => join(folders.data, 'mongo');
const logOf = (world: DatabaseWorld): string => join(folderOf(world), 'data.log');

/** Bytes that the disk still takes. */
const room = 4_096;

/**
 * Copies the database; returns what puts the copy in its place. What was acknowledged in between is lost, and no more: the
 * world is told when that was.
 */
export async function restoreLater(world: DatabaseWorld): Promise<() => Promise<void>> {
  const copy = join(world.folders.data, 'mongo-snapshot');
  const from = performance.now();
  await rm(copy, { recursive: true, force: true });
  await cp(folderOf(world), copy, { recursive: true });
  return async () => {
    await world.parts.get('mongodb')?.replace(async () => {
      world.restored.push({ from, to: performance.now() });
      await rm(logOf(world));
      await cp(join(copy, 'data.log'), logOf(world));
    });
  };
}

/** The disk of the database has room for some more bytes alone; undefined when it does not run. */
export async function fillDisk(world: DatabaseWorld): Promise<(() => Promise<void>) | undefined> {
  const process = world.parts.get('mongodb')?.process;
  const pid = process === undefined ? undefined : await nodePid(process.pid);
  if (pid === undefined) return undefined;
  const { size } = await stat(logOf(world));
  const limit = (bytes: number | 'unlimited') => run('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`]);
  await limit(size + room);
  // It may have been ended meanwhile: the next one has no limit.
  return () =>
    limit('unlimited').then(
      () => {},
      () => {},
    );
}

/**
 * Flips a bit in the middle of the database's file: it must refuse to start, or it would serve what is left. Then the file
 * is restored.
 *
 * @returns false when it did not run
 */
export async function damage(world: DatabaseWorld): Promise<boolean> {
  const part = world.parts.get('mongodb');
  const whole = join(world.folders.data, 'mongo-whole.log');
  const done = await part?.replace(async () => {
    await cp(logOf(world), whole);
    await flipBit(logOf(world));
    const started = await mongoPart(world)().catch(() => undefined);
    if (started !== undefined) {
      world.findings.push('MongoDB starts on a damaged file');
      started.kill('SIGKILL');
      await started.exited;
    }
    await cp(whole, logOf(world));
  });
  return done === true;
}

async function flipBit(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const middle = Math.floor((await file.stat()).size / 2);
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, middle);
    buffer[0] = (buffer[0] ?? 0) ^ 1;
    await file.write(buffer, 0, 1, middle);
  } finally {
    await file.close();
  }
}
