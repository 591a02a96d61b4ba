import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { repositoryFolder } from '../folders.js';
import { type NodeProgram, PartFailedError, startNodeProgram } from '../processes/node-program.js';

export interface ServiceOptions {
  /** The app's folder below `apps/`. */
  app: 'backend' | 'scheduler' | 'deployer' | 'frontend';
  /** Tells replicas apart in the logs; the app's name when left out. */
  name?: string;
  port: number;
  env: Record<string, string | undefined>;
  logsFolder: string;
  /** More flags of Node, such as a module to load first. */
  nodeFlags?: readonly string[];
  signal?: AbortSignal | undefined;
}

export interface StartedService {
  name: string;
  url: string;
  process: NodeProgram;
}

/**
 * Flags of Node an app runs with. The deployer passes floods of output through: with a small young generation
 * what it has passed on is freed at once, instead of when 16 MiB of it have gathered. The backend is held to what its
 * pod has. The scheduler has what Node takes on a machine without limits: within those of its pod that would be 1 MiB, and
 * with 4 already it needs two thirds more time.
 */
const nodeFlags = {
  backend: ['--max-semi-space-size=4', '--max-old-space-size=256'],
  scheduler: ['--max-semi-space-size=4'],
  deployer: ['--max-semi-space-size=4'],
  frontend: ['--max-semi-space-size=4'],
};

const startTimeoutMs = 30_000;

/**
 * Starts one of the apps and waits until it is ready.
 *
 * @throws PartFailedError with its last words when it ends or does not get ready in time.
 */
export async function startService(options: ServiceOptions): Promise<StartedService> {
  const name = options.name ?? options.app;
  const process = startNodeProgram({
    name,
    nodeFlags: [...nodeFlags[options.app], ...(options.nodeFlags ?? [])],
    script: join(repositoryFolder, 'apps', options.app, 'dist', 'main.js'),
    env: { ...options.env, HOST: options.env['HOST'] ?? '127.0.0.1', PORT: String(options.port) },
    logFile: join(options.logsFolder, `${name}.log`),
  });
  const url = `http://127.0.0.1:${options.port}`;
  try {
    await Promise.race([ready(url, name, options.signal), process.broken]);
  } catch (error) {
    await process.stop(1_000);
    throw error;
  }
  return { name, url, process };
}

async function ready(url: string, name: string, signal: AbortSignal | undefined): Promise<void> {
  const deadline = performance.now() + startTimeoutMs;
  let last = 'no answer';
  while (performance.now() < deadline) {
    signal?.throwIfAborted();
    try {
      const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(3_000) });
      if (answer.ok) return;
      last = await answer.text();
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    await wait(30);
  }
  throw new PartFailedError(`${name} was not ready within ${startTimeoutMs / 1000} s: ${last}`);
}
