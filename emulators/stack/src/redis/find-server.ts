import { execFile } from 'node:child_process';
import { access, constants, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A Redis-compatible server program and where it was found. */
export interface RedisServer {
  program: string;
  env: Record<string, string>;
  origin: string;
}

/** No server is on the machine and none could be had. */
export class NoRedisError extends Error {
  override readonly name = 'NoRedisError';
}

/** What Debian's redis-server needs that a bare machine lacks. */
const debianPackages = ['redis-server', 'redis-tools', 'libjemalloc2', 'liblzf1', 'libatomic1'];

/**
 * Finds a Redis or Valkey server: on the PATH, else Debian's package, unpacked below `cacheFolder` without
 * installing it (no rights needed).
 *
 * @throws NoRedisError with one sentence on how to get one.
 */
export async function findRedisServer(cacheFolder: string): Promise<RedisServer> {
  for (const name of ['redis-server', 'valkey-server']) {
    const program = await onPath(name);
    if (program !== undefined) return { program, env: {}, origin: `${program} of this machine` };
  }
  const folder = join(cacheFolder, 'redis');
  try {
    await access(join(folder, 'usr/bin/redis-server'), constants.X_OK);
  } catch {
    await unpackDebianPackage(cacheFolder, folder);
  }
  const libraries = await libraryFolders(folder);
  return {
    program: join(folder, 'usr/bin/redis-server'),
    env: { LD_LIBRARY_PATH: libraries.join(delimiter) },
    origin: "Debian's redis-server package, unpacked for this project",
  };
}

async function onPath(name: string): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const program = join(folder, name);
    try {
      await access(program, constants.X_OK);
      return program;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

/** Several processes may do this at once: each unpacks for itself, the first one's result stays. */
async function unpackDebianPackage(cacheFolder: string, target: string): Promise<void> {
  await mkdir(cacheFolder, { recursive: true });
  const work = await mkdtemp(join(cacheFolder, 'redis-download-'));
  try {
    await download(work);
    const root = join(work, 'root');
    for (const file of await readdir(work)) {
      if (file.endsWith('.deb')) await run('dpkg-deb', ['-x', join(work, file), root]);
    }
    await rename(root, target).catch(async (error: unknown) => {
      await access(join(target, 'usr/bin/redis-server'), constants.X_OK).catch(() => {
        throw error;
      });
    });
  } catch (cause) {
    throw new NoRedisError(
      'No Redis is on this machine and Debian’s package could not be fetched: install redis-server or ' +
        'valkey-server with your package manager, or set REDIS_URL to one that runs.',
      { cause },
    );
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function download(folder: string): Promise<void> {
  const lists = join(folder, 'state', 'lists');
  const cache = join(folder, 'cache');
  await mkdir(join(lists, 'partial'), { recursive: true });
  await mkdir(join(cache, 'archives', 'partial'), { recursive: true });
  const own = [
    '-qq',
    '-o',
    `Dir::State::Lists=${lists}`,
    '-o',
    `Dir::Cache=${cache}`,
    '-o',
    'APT::Sandbox::User=root',
  ];
  const options = { cwd: folder, timeout: 120_000 };
  try {
    // The machine's package lists, where they are fresh enough.
    await run('apt-get', ['-qq', '-o', 'APT::Sandbox::User=root', 'download', ...debianPackages], options);
  } catch {
    await run('apt-get', [...own, 'update'], options);
    await run('apt-get', [...own, 'download', ...debianPackages], options);
  }
}

async function libraryFolders(root: string): Promise<string[]> {
  const base = join(root, 'usr/lib');
  const entries = await readdir(base, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(base, entry.name));
}
