import { readFileSync } from 'node:fs';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Another process uses the folder; the message names both, and the file that says so. */
export class FolderInUseError extends Error {
  override readonly name = 'FolderInUseError';
}

/**
 * Takes a folder for this process by a file in it; one left by a process that died is taken over.
 *
 * @param name of the file
 * @returns gives the folder free again
 * @throws FolderInUseError
 */
export async function lockFolder(folder: string, name: string): Promise<() => Promise<void>> {
  const path = join(folder, name);
  const own = `${process.pid} ${startOf(process.pid)}\n`;
  while (!(await create(path, own))) {
    const held = await readLock(path);
    if (held === undefined) continue;
    const [pid, start] = held.content.trim().split(' ');
    if (isAlive(Number(pid), start)) {
      throw new FolderInUseError(
        `The folder ${folder} is in use by process ${pid}, says ${path}. Stop that process, or choose another folder.`,
      );
    }
    await removeStale(path, held);
  }
  return () => rm(path, { force: true });
}

interface HeldLock {
  content: string;
  /** Milliseconds since 1970. */
  writtenAt: number;
}

const shortWhileMs = 20;
/** A file that was only begun is its writer's for this long; then its writer has died over it. */
const abandonedMs = 1_000;

/** The lock as it is, once it is written; undefined when there is none. */
async function readLock(path: string): Promise<HeldLock | undefined> {
  for (;;) {
    const held = await read(path);
    if (held === undefined || held.content.endsWith('\n') || isAbandoned(held)) return held;
    await sleep(shortWhileMs);
  }
}

/**
 * Removes this very lock. Those who want the folder do so one at a time: else one would remove what another, who
 * was quicker, has put in its place.
 */
async function removeStale(path: string, stale: HeldLock): Promise<void> {
  const guard = `${path}.guard`;
  if (!(await create(guard, ''))) {
    const other = await read(guard);
    if (other !== undefined && isAbandoned(other)) await rm(guard, { force: true });
    await sleep(shortWhileMs);
    return;
  }
  const now = await read(path);
  if (now?.content === stale.content && now.writtenAt === stale.writtenAt) await rm(path, { force: true });
  await rm(guard, { force: true });
}

const isAbandoned = ({ writtenAt }: HeldLock): boolean => Date.now() - writtenAt > abandonedMs;

async function read(path: string): Promise<HeldLock | undefined> {
  try {
    const [content, { mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
    return { content, writtenAt: mtimeMs };
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function create(path: string, content: string): Promise<boolean> {
  try {
    await writeFile(path, content, { flag: 'wx' });
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

function isAlive(pid: number, start: string | undefined): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
  return startOf(pid) === start;
}

/** When a process started, where the system tells (Linux): a number that came round again is another process. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Field 22 of proc(5); the second field may hold spaces, but ends with the last parenthesis.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return 'unknown';
  }
}

/** The code of a system error, such as `EEXIST`. */
function systemCode(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
