import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { defaultCacheFolder } from '../folders.js';
import { PartFailedError } from '../processes/node-program.js';
import { freePort, isFree } from '../processes/ports.js';
import { type Supervised, supervise } from '../processes/supervise.js';
import { findRedisServer } from './find-server.js';

export interface StartRedisOptions {
  /** Where the data stays between starts; none is kept when left out. */
  folder?: string;
  /** A free one when left out. */
  port?: number;
  /** Listen on every address, behind a password, so that the pods of a real cluster reach it. */
  everywhere?: boolean;
  /** Goes with `everywhere`; made up when left out. */
  password?: string;
  /** Where an unpacked package is kept. */
  cacheFolder?: string;
  /** More settings of the server, such as `cluster-enabled`. */
  settings?: Record<string, string>;
}

export interface StartedRedis {
  url: string;
  port: number;
  /** In words, for the user. */
  origin: string;
  process: Supervised;
  /** Rejects with a `PartFailedError` when the server ends, wanted or not. */
  broken: Promise<never>;
  close(): Promise<void>;
}

/**
 * Starts a Redis on loopback with the settings the queue needs: no eviction, and every write on disk within a
 * second when it keeps its data.
 *
 * @throws NoRedisError when there is no server to start, Error in words when it does not come up.
 */
export async function startRedis(options: StartRedisOptions = {}): Promise<StartedRedis> {
  const server = await findRedisServer(options.cacheFolder ?? defaultCacheFolder());
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'cloudemy-redis-')));
  await mkdir(folder, { recursive: true });
  const port = options.port ?? (await freePort());
  if (!(await isFree(port))) {
    throw new Error(`Port ${port} is in use by another program: stop that program or choose another port.`);
  }
  const lines: string[] = [];
  const keep = options.folder !== undefined;
  const password = options.everywhere === true ? (options.password ?? randomBytes(24).toString('hex')) : '';
  const settings = {
    port: String(port),
    bind: options.everywhere === true ? '0.0.0.0' : '127.0.0.1',
    requirepass: password,
    dir: folder,
    save: '',
    appendonly: keep ? 'yes' : 'no',
    'maxmemory-policy': 'noeviction',
    loglevel: 'warning',
    ...options.settings,
  };
  const child = supervise(
    [server.program, ...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])],
    {
      env: { PATH: process.env['PATH'], ...server.env },
      onLine: (line) => {
        if (lines.length === rememberedLines) lines.shift();
        lines.push(line);
      },
    },
  );
  const url = `redis://${password === '' ? '' : `:${password}@`}127.0.0.1:${port}`;
  const close = async (): Promise<void> => {
    await child.stop();
    if (!keep) await rm(folder, { recursive: true, force: true });
  };
  const broken = child.exited.then((code): never => {
    throw new PartFailedError(`redis-server ended with code ${code}: ${lines.join(' ')}`);
  });
  // An end is a failure only to those who wait on it.
  broken.catch(() => {});
  try {
    await Promise.race([answering(url), broken]);
  } catch (error) {
    await close();
    throw error;
  }
  return { url, port, origin: server.origin, process: child, broken, close };
}

const rememberedLines = 8;
const startTimeoutMs = 15_000;

/** Resolves when the server answers and has loaded its data. */
async function answering(url: string): Promise<void> {
  const client = new Redis(url, {
    retryStrategy: () => 20,
    maxRetriesPerRequest: null,
    connectTimeout: 1_000,
    enableReadyCheck: true,
  });
  client.on('error', () => {
    // Not up yet; tried again until the time is over.
  });
  const late = new Promise<never>((_resolve, reject) => {
    setTimeout(() => {
      reject(new Error(`redis-server did not answer within ${startTimeoutMs / 1000} s`));
    }, startTimeoutMs).unref();
  });
  try {
    await Promise.race([client.ping(), late]);
  } finally {
    client.disconnect();
  }
}
