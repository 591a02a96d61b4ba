import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AccessTable, backendAccess, deployerAccess } from '@cloudemy/contracts';
import { defaultCacheFolder, startStack } from '@cloudemy/emulator-stack';
import { findUnbounded } from './bounds/bounds.js';
import { type FuzzReport, fuzz } from './fuzz.js';
import { given } from './given.js';
import type { AuthMode } from './options.js';
import { signInPeople } from './people/sign-in.js';

/** Long enough for submissions to be met while they are graded. */
const llmDelayMs = 500;

export interface StackRun {
  /** To both services together. */
  requests: number;
  seed: number;
  auth: AuthMode;
}

/** What is asked for at once is no attack here, and a run takes longer than a token lasts. */
const patient = {
  RATE_LIMIT_PER_USER: '0',
  RATE_LIMIT_PER_ADDRESS: '0',
  RATE_LIMIT_TERMINALS_PER_USER: '0',
  ACCESS_TOKEN_TTL_S: '3600',
};

/** Starts everything on embedded emulators, fuzzes backend and deployer side by side, and ends everything. */
export async function fuzzStack({
  requests,
  seed,
  auth,
}: StackRun): Promise<Record<'backend' | 'deployer', FuzzReport>> {
  const data = await mkdtemp(join(tmpdir(), 'cloudemy-fuzz-'));
  const stack = await startStack({
    folders: { data, logs: join(data, 'logs'), cache: defaultCacheFolder() },
    durable: false,
    ports: { backend: 0, scheduler: 0, deployer: 0 },
    llm: {},
    llmDelayMs,
    namespace: 'cloudemy-runners',
    benchmarkNamespaces: ['default'],
    env: { AUTH_MODE: auth, ...patient },
  });
  try {
    const half = Math.ceil(requests / 2);
    const credentials = { service: stack.wiring.settings.serviceToken };
    const people = await signInPeople(stack);
    const common = { credentials, people, given };
    const { backendUrl, deployerUrl } = stack;
    const [backend, deployer] = await Promise.race([
      Promise.all([
        fuzz({ ...common, baseUrl: backendUrl, access: backendAccess, requests: half, seed }),
        fuzz({
          ...common,
          baseUrl: deployerUrl,
          access: deployerAccess,
          requests: requests - half,
          seed: seed + 1,
        }),
      ]),
      stack.broken,
    ]);
    const unbounded = async (baseUrl: string, access: AccessTable) =>
      findUnbounded({ baseUrl, access, credentials, people });
    backend.findings.push(...(await unbounded(backendUrl, backendAccess)));
    deployer.findings.push(...(await unbounded(deployerUrl, deployerAccess)));
    return { backend, deployer };
  } finally {
    await stack.close();
    await rm(data, { recursive: true, force: true });
  }
}
