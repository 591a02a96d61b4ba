import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultCacheFolder, startStack } from '@cloudemy/local-stack';
import { readE2eEnv } from './environment.js';
import { keepStack } from './running-stack.js';

/** Brings up the services on this machine, against the embedded cluster or the one that is named. */
export default async function setUp(): Promise<void> {
  const env = readE2eEnv();
  const data = await mkdtemp(join(tmpdir(), 'cloudemy-e2e-'));
  const stack = await startStack({
    folders: { data, logs: join(data, 'logs'), cache: defaultCacheFolder() },
    durable: false,
    ports: { backend: 0, scheduler: 0, deployer: 0 },
    mongoUri: env.MONGO_URI,
    redisUrl: env.REDIS_URL,
    kubeconfig: env.E2E_KUBECONFIG,
    llm: { apiKey: env.LLM_API_KEY, baseUrl: env.LLM_BASE_URL },
    namespace: env.E2E_NAMESPACE,
    runnerImage: env.RUNNER_IMAGE,
    hostAddress: env.E2E_HOST_ADDRESS,
    env: { DEPLOYER_NAMESPACES: env.E2E_NAMESPACE },
  });
  keepStack({ stack, data });
  process.env['E2E_STACK_BACKEND'] = stack.backendUrl;
  process.env['E2E_STACK_DEPLOYER'] = stack.deployerUrl;
  process.env['E2E_STACK_KUBECONFIG'] = stack.kubeconfig;
}
