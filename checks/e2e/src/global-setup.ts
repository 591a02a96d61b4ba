import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adminEmail, defaultCacheFolder, startStack } from '@cloudemy/emulator-stack';
import { readE2eEnv, runnerNamespace } from './environment.js';
import { instancePrefix, removeOldRuns } from './leftovers.js';
import { signInPeople } from './people.js';
import { type RunningStack, endStack, keepStack } from './running-stack.js';

/** Finds the services, or brings them up on this machine, against the embedded cluster or the one that is named. */
export default async function setUp(): Promise<void> {
  const env = readE2eEnv();
  const { E2E_KUBECONFIG: kubeconfig, E2E_NAMESPACE: benchmarks } = env;
  for (const namespace of new Set([benchmarks, runnerNamespace(env)])) {
    if (kubeconfig !== undefined) await removeOldRuns(kubeconfig, namespace);
  }
  const stack = namedServices() ?? (await start());
  keepStack(stack);
  // jest ends at once when it is interrupted, without its teardown.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void endStack().finally(() => process.exit(130));
    });
  }
  process.env['E2E_STACK_PEOPLE'] = JSON.stringify(await signIn(stack));
  process.env['E2E_STACK_BACKEND'] = stack.backendUrl;
  process.env['E2E_STACK_DEPLOYER'] = stack.deployerUrl;
  process.env['E2E_STACK_KUBECONFIG'] = stack.kubeconfig;
  process.env['E2E_STACK_RUN'] = stack.run;
  process.env['E2E_STACK_INSTANCE'] = stack.instance;
}

/** A stack that nobody could sign in to is not left behind. */
async function signIn({ backendUrl, admin }: RunningStack) {
  try {
    return await signInPeople(backendUrl, admin);
  } catch (error) {
    await endStack();
    throw error;
  }
}

/**
 * Services that run already, if the environment names them.
 *
 * @throws Error when it names some of what it takes
 */
function namedServices(): RunningStack | undefined {
  const env = readE2eEnv();
  const [backendUrl, deployerUrl] = [env.E2E_BACKEND_URL, env.E2E_DEPLOYER_URL];
  if (backendUrl === undefined && deployerUrl === undefined) return undefined;
  const { E2E_KUBECONFIG: kubeconfig, E2E_NAMESPACE: namespace, E2E_INSTANCE: instance } = env;
  if (backendUrl === undefined || deployerUrl === undefined || kubeconfig === undefined) {
    throw new Error(
      'Services that run already take E2E_BACKEND_URL, E2E_DEPLOYER_URL and their E2E_KUBECONFIG.',
    );
  }
  const run = `${instancePrefix}-${randomBytes(3).toString('hex')}`;
  const close = () => Promise.resolve();
  const admin = { email: env.E2E_ADMIN_EMAIL ?? adminEmail, password: env.E2E_ADMIN_PASSWORD ?? '' };
  return { backendUrl, deployerUrl, kubeconfig, namespace, run, instance, admin, clusterStays: true, close };
}

async function start(): Promise<RunningStack> {
  const env = readE2eEnv();
  const data = await mkdtemp(join(tmpdir(), 'cloudemy-e2e-'));
  const removeData = () => rm(data, { recursive: true, force: true });
  const stack = await startStack({
    folders: { data, logs: join(data, 'logs'), cache: defaultCacheFolder() },
    durable: false,
    ports: { backend: 0, scheduler: 0, deployer: 0 },
    kubeconfig: env.E2E_KUBECONFIG,
    llm: { apiKey: env.LLM_API_KEY, baseUrl: env.LLM_BASE_URL, model: env.LLM_MODEL },
    namespace: runnerNamespace(env),
    benchmarkNamespaces: [env.E2E_NAMESPACE],
    instancePrefix,
    runnerImage: env.RUNNER_IMAGE,
    hostAddress: env.E2E_HOST_ADDRESS,
    // A run takes longer than a token lasts by default.
    env: { AUTH_MODE: env.AUTH_MODE, ACCESS_TOKEN_TTL_S: '3600' },
  }).catch(async (error: unknown) => {
    await removeData();
    throw error;
  });
  const { backendUrl, deployerUrl, kubeconfig, benchmarkNamespace: namespace } = stack;
  const { instance, adminPassword } = stack.wiring.settings;
  return {
    backendUrl,
    deployerUrl,
    kubeconfig,
    namespace,
    // One of its own is started for each run.
    run: instance,
    instance,
    admin: { email: adminEmail, password: adminPassword },
    clusterStays: env.E2E_KUBECONFIG !== undefined,
    close: async () => {
      try {
        await stack.close();
      } finally {
        await removeData();
      }
    },
  };
}
