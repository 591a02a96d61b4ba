import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  type Stack,
  defaultCacheFolder,
  defaultDataFolder,
  repositoryFolder,
  startStack,
} from '@cloudemy/local-stack';
import { demonstrateBenchmark } from './demonstration/benchmark.js';
import { readExample } from './demonstration/examples.js';
import { type GradingOutcome, demonstrateGrading, jsonLine, showResults } from './demonstration/grading.js';
import { type StartOptions, UsageError, parseOptions } from './options.js';
import { Screen } from './screen.js';

/** Long enough to watch the states change. */
const standInDelayMs = 400;

const { env } = process;

async function main(options: StartOptions): Promise<number> {
  const screen = new Screen(options.json ? process.stderr : process.stdout);
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // Pressed twice, it need not be tidy: the parts end with us, whatever happens.
      if (interrupted.signal.aborted) process.exit(130);
      interrupted.abort(new Error('Interrupted.'));
    });
  }
  const data = resolve(options.data ?? defaultDataFolder());
  screen.heading('Starting Cloudemy');
  const stack = await startStack({
    folders: { data, logs: join(data, 'logs'), cache: defaultCacheFolder() },
    durable: true,
    ports: { backend: 8000, scheduler: 8001, deployer: 8002 },
    mongoUri: env['MONGO_URI'],
    redisUrl: env['REDIS_URL'],
    kubeconfig: options.kubeconfig,
    llm: { apiKey: env['LLM_API_KEY'], baseUrl: env['LLM_BASE_URL'], model: env['LLM_MODEL'] },
    llmDelayMs: standInDelayMs,
    namespace: options.namespace,
    runnerImage: env['RUNNER_IMAGE'],
    hostAddress: env['HOST_ADDRESS'],
    env: { LOG_LEVEL: env['LOG_LEVEL'] },
    signal: interrupted.signal,
    onPart: (part) => {
      screen.part(part);
    },
  });
  try {
    const stopped = new Promise<void>((done) => {
      interrupted.signal.addEventListener('abort', () => {
        done();
      });
    });
    const outcomes = options.demo
      ? await Promise.race([demonstrate(stack, screen, interrupted.signal), stack.broken])
      : [];
    if (options.json) for (const outcome of outcomes) process.stdout.write(`${jsonLine(outcome)}\n`);
    if (!options.once) {
      screen.heading('Cloudemy is up until you press Ctrl-C');
      screen.line(`API         ${stack.backendUrl}/docs`);
      screen.line(`Benchmarks  ${stack.deployerUrl}/`);
      screen.line(`Cluster     kubectl --kubeconfig ${stack.kubeconfig} get jobs,pods`);
      screen.line(`Logs        ${join(data, 'logs')}`);
      await Promise.race([stopped, stack.broken]);
      return 0;
    }
    return outcomes.every(({ submission }) => submission.status === 'graded') ? 0 : 1;
  } finally {
    screen.heading('Stopping');
    await stack.close();
  }
}

async function demonstrate(
  stack: Pick<Stack, 'backendUrl' | 'deployerUrl' | 'namespace'>,
  screen: Screen,
  stop: AbortSignal,
): Promise<GradingOutcome[]> {
  const examples = join(repositoryFolder, 'examples');
  const example = await readExample(examples, 'merge-intervals');
  const outcomes = await demonstrateGrading(stack.backendUrl, example, screen, stop);
  showResults(outcomes, screen);
  const yaml = await readFile(join(examples, 'benchmarks', 'sort.yaml'), 'utf8');
  const benchmark = { yaml, jobName: 'sort-benchmark', namespace: stack.namespace };
  await demonstrateBenchmark(stack.deployerUrl, benchmark, screen, stop);
  return outcomes;
}

try {
  process.exitCode = await main(parseOptions(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
