import { readFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const LOCK_NAME = 'local-mongo.lock';

/**
 * Takes a folder for this process; a lock left by a process that died is taken over.
 * @returns gives the folder free again
 * @throws Error naming the process that uses the folder
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, LOCK_NAME);
  const own = `${process.pid} ${startOf(process.pid)}\n`;
  if (!(await create(path, own))) {
    const holder = await readFile(path, 'utf8').catch(() => '');
    const [pid, start] = holder.trim().split(' ');
    if (isAlive(Number(pid), start)) {
      throw new Error(`The folder ${folder} is in use by process ${pid}. Stop it, or choose another folder.`);
    }
    await rm(path, { force: true });
    if (!(await create(path, own)))
      throw new Error(`The folder ${folder} has just been taken by another process.`);
  }
  return () => rm(path, { force: true });
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
