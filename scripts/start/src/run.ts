import { join, resolve } from 'node:path';
import {
  type Stack,
  adminEmail,
  defaultCacheFolder,
  defaultDataFolder,
  startStack,
} from '@cloudemy/emulator-stack';
import { demonstrate } from './demonstration/demonstrate.js';
import { jsonLine } from './demonstration/grading.js';
import { writeEnvFile } from './env-file.js';
import type { StartOptions } from './options.js';
import { Screen } from './screen.js';

/** Long enough to watch the states change. */
const emulatorDelayMs = 400;

const { env } = process;
/** Where the user is: npm runs us in the folder of the project. */
const path = (given: string): string => resolve(env['INIT_CWD'] ?? '.', given);

/**
 * Brings Cloudemy up, shows it at work, and keeps it up until it is stopped.
 *
 * @param stop ends it, and gives up a start or demonstration under way
 * @returns whether all went well; what a demonstration without `--once` made of it does not count
 * @throws Error in words when a part cannot be had or ends
 */
export async function run(options: StartOptions, stop: AbortSignal): Promise<boolean> {
  const screen = new Screen(options.json ? process.stderr : process.stdout);
  const data = options.data === undefined ? defaultDataFolder() : path(options.data);
  screen.heading('Starting Cloudemy');
  const stack = await start(options, data, screen, stop);
  try {
    await writeEnvFile(join(data, 'env'), addressesOf(stack));
    const shown = options.demo ? await show(stack, options, screen, stop) : true;
    if (options.once) return shown;
    if (!stop.aborted) await stayUp(stack, options, { data, screen, stop });
    return true;
  } finally {
    screen.heading('Stopping');
    await stack.close();
  }
}

function start(options: StartOptions, data: string, screen: Screen, signal: AbortSignal): Promise<Stack> {
  return startStack({
    folders: { data, logs: join(data, 'logs'), cache: defaultCacheFolder() },
    durable: true,
    ports: { backend: 8000, scheduler: 8001, deployer: 8002, frontend: 3000 },
    mongoUri: env['MONGO_URI'],
    redisUrl: env['REDIS_URL'],
    kubeconfig: options.kubeconfig === undefined ? undefined : path(options.kubeconfig),
    llm: { apiKey: env['LLM_API_KEY'], baseUrl: env['LLM_BASE_URL'], model: env['LLM_MODEL'] },
    llmDelayMs: emulatorDelayMs,
    ...namespacesOf(options),
    runnerImage: env['RUNNER_IMAGE'],
    hostAddress: env['HOST_ADDRESS'],
    env: { ...handedOn(env), LOG_LEVEL: env['LOG_LEVEL'], AUTH_MODE: env['AUTH_MODE'] },
    signal,
    onPart: (part) => {
      screen.part(part);
    },
  });
}

/** A cluster of somebody's has the namespaces that its owner made, and `default`. */
function namespacesOf({ kubeconfig, namespace, benchmarkNamespace = 'default' }: StartOptions) {
  const embedded = kubeconfig === undefined;
  return {
    namespace: namespace ?? (embedded ? 'cloudemy-runners' : 'default'),
    benchmarkNamespaces: embedded ? [benchmarkNamespace, 'cloudemy-benchmarks'] : [benchmarkNamespace],
  };
}

/** Whether the demonstration went well. One that does not is told, and leaves the parts up to be looked into. */
async function show(
  stack: Stack,
  { json }: StartOptions,
  screen: Screen,
  stop: AbortSignal,
): Promise<boolean> {
  const demonstration = demonstrate({
    stack,
    screen,
    image: env['DEMO_IMAGE'],
    stop,
    onGraded: (outcomes) => {
      if (json) for (const outcome of outcomes) process.stdout.write(`${jsonLine(outcome)}\n`);
    },
  }).then(
    () => true,
    (error: unknown) => {
      if (stop.aborted) return false;
      screen.heading('The demonstration failed');
      screen.line(inWords(error));
      return false;
    },
  );
  return Promise.race([demonstration, stack.broken]);
}

function inWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.name === 'TimeoutError'
    ? 'It took too long. What it waited for is the last line above.'
    : error.message;
}

/** What the commands of the documentation need to find this stack. */
const addressesOf = ({ frontendUrl, backendUrl, deployerUrl, kubeconfig, wiring }: Stack) => ({
  FRONTEND: frontendUrl,
  BACKEND: backendUrl,
  DEPLOYER: deployerUrl,
  KUBECONFIG: kubeconfig,
  MONGO_URI: wiring.mongoUri,
  BACKEND_INTERNAL_URL: `${backendUrl}/internal`,
  INTERNAL_SERVICE_TOKEN: wiring.settings.serviceToken,
});

async function stayUp(
  stack: Stack,
  options: StartOptions,
  { data, screen, stop }: { data: string; screen: Screen; stop: AbortSignal },
): Promise<void> {
  screen.heading('Cloudemy is up until you press Ctrl-C');
  screen.line(`Open        ${stack.frontendUrl}/`);
  screen.line(`API         ${stack.backendUrl}/docs`);
  screen.line(`Benchmarks  ${stack.deployerUrl}/docs`);
  if (env['AUTH_MODE'] === 'jwt') {
    screen.line(
      `Sign in     as ${adminEmail}; the password is adminPassword in ${join(data, 'secrets.json')}`,
    );
    if (options.kubeconfig === undefined) {
      screen.line(
        'Careful     pods of the embedded cluster are processes with your rights: it isolates nothing, and',
      );
      screen.line(
        '            whoever may deploy a benchmark can read every file that you can, the passwords too.',
      );
    }
  }
  screen.line(`Cluster     kubectl --kubeconfig ${stack.kubeconfig} get jobs,pods -A`);
  screen.line(`Logs        ${join(data, 'logs')}`);
  screen.line(`Commands    . ${join(data, 'env')}   sets what the commands of README.md use`);
  const stopped = new Promise<void>((done) => {
    stop.addEventListener('abort', () => {
      done();
    });
  });
  await Promise.race([stopped, stack.broken]);
}

/** Settings of the model that go on to runners, and how these leave the machine. */
const settings = [
  'LLM_API',
  'LLM_TIMEOUT_MS',
  'LLM_MAX_RETRIES',
  'LLM_TEMPERATURE',
  'LLM_MAX_TOKENS',
  'LLM_PRICE_INPUT',
  'LLM_PRICE_OUTPUT',
  'LLM_CA',
  'LLM_CA_FILE',
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'].flatMap((name) => [name, name.toLowerCase()]),
] as const;

const handedOn = (env: NodeJS.ProcessEnv): Record<string, string | undefined> =>
  Object.fromEntries(settings.map((name) => [name, env[name]]));
