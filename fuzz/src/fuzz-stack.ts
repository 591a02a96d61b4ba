import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultCacheFolder, startStack } from '@cloudemy/local-stack';
import { type FuzzReport, fuzz } from './fuzz.js';
import { given } from './given.js';
import type { Options } from './options.js';

/** Long enough for submissions to be met while they are graded. */
const llmDelayMs = 500;

/** Starts everything on embedded stand-ins, fuzzes backend and deployer side by side, and ends everything. */
export async function fuzzStack({
  requests,
  seed,
}: Options): Promise<Record<'backend' | 'deployer', FuzzReport>> {
  const data = await mkdtemp(join(tmpdir(), 'cloudemy-fuzz-'));
  const stack = await startStack({
    folders: { data, logs: join(data, 'logs'), cache: defaultCacheFolder() },
    durable: false,
    ports: { backend: 0, scheduler: 0, deployer: 0 },
    llm: {},
    llmDelayMs,
    namespace: 'default',
  });
  try {
    const half = Math.ceil(requests / 2);
    const credentials = { service: stack.wiring.settings.serviceToken };
    const [backend, deployer] = await Promise.race([
      Promise.all([
        fuzz({ baseUrl: stack.backendUrl, requests: half, seed, credentials, given }),
        fuzz({ baseUrl: stack.deployerUrl, requests: requests - half, seed: seed + 1, credentials, given }),
      ]),
      stack.broken,
    ]);
    return { backend, deployer };
  } finally {
    await stack.close();
    await rm(data, { recursive: true, force: true });
  }
}
