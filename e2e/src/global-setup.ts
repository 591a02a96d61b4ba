import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Stack, defaultCacheFolder, startStack } from '@cloudemy/local-stack';
import { readE2eEnv } from './environment.js';
import { instancePrefix, removeOldRuns } from './leftovers.js';
import { endStack, keepStack } from './running-stack.js';

/** Brings up the services on this machine, against the embedded cluster or the one that is named. */
export default async function setUp(): Promise<void> {
  const { E2E_KUBECONFIG: kubeconfig, E2E_NAMESPACE: namespace } = readE2eEnv();
  if (kubeconfig !== undefined) await removeOldRuns(kubeconfig, namespace);
  const data = await mkdtemp(join(tmpdir(), 'cloudemy-e2e-'));
  const stack = await start(data).catch(async (error: unknown) => {
    await rm(data, { recursive: true, force: true });
    throw error;
  });
  keepStack({ stack, data, kubeconfig });
  // jest ends at once when it is interrupted, without its teardown.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void endStack().finally(() => process.exit(130));
    });
  }
  process.env['E2E_STACK_BACKEND'] = stack.backendUrl;
  process.env['E2E_STACK_DEPLOYER'] = stack.deployerUrl;
  process.env['E2E_STACK_KUBECONFIG'] = stack.kubeconfig;
  process.env['E2E_STACK_RUN'] = stack.wiring.settings.instance;
}

function start(data: string): Promise<Stack> {
  const env = readE2eEnv();
  return startStack({
    folders: { data, logs: join(data, 'logs'), cache: defaultCacheFolder() },
    durable: false,
    ports: { backend: 0, scheduler: 0, deployer: 0 },
    kubeconfig: env.E2E_KUBECONFIG,
    llm: { apiKey: env.LLM_API_KEY, baseUrl: env.LLM_BASE_URL, model: env.LLM_MODEL },
    namespace: env.E2E_NAMESPACE,
    instancePrefix,
    runnerImage: env.RUNNER_IMAGE,
    hostAddress: env.E2E_HOST_ADDRESS,
    env: { DEPLOYER_NAMESPACES: env.E2E_NAMESPACE },
  });
}
