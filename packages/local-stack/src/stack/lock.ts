import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../processes/error-code.js';

/** Another stack uses the folder. */
export class StackLockedError extends Error {
  override readonly name = 'StackLockedError';
}

/**
 * Takes a data folder for this process; the returned function gives it back. A lock whose process is gone does
 * not count.
 *
 * @throws StackLockedError naming the process that has it.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'stack.pid');
  for (;;) {
    try {
      const handle = await open(file, 'wx');
      await handle.write(`${process.pid}\n`);
      await handle.close();
      return () => rm(file, { force: true });
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
    }
    const holder = Number(await readFile(file, 'utf8').catch(() => ''));
    if (holder !== process.pid && isAlive(holder)) {
      throw new StackLockedError(
        `Cloudemy runs already in ${folder} (process ${holder}). Stop it first, or use another --data folder.`,
      );
    }
    await rm(file, { force: true });
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}
