import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brokenPromises } from './check/report.js';
import { readEnvironment } from './environment.js';
import { type Options, UsageError, parseOptions } from './options.js';
import { startWorld } from './parts/world.js';
import { modelAway, planFaults, planRolling } from './plan/plan.js';
import { run } from './run.js';

/** Exit codes: a promise was broken; the command line is wrong. */
const broken = 1;
const usage = 2;

/** One in so many clients changes his mind. */
const cancelEvery = 15;

const begun = performance.now();
const say = (line: string): void => {
  process.stderr.write(`${((performance.now() - begun) / 1_000).toFixed(1).padStart(6)} s  ${line}\n`);
};

try {
  process.exitCode = (await chaos(parseOptions(process.argv.slice(2)))) ? 0 : broken;
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = usage;
}

/** @returns whether every promise was kept */
async function chaos({
  submissions,
  faults,
  seed,
  rolling,
  only,
  modelAway: minutes,
}: Options): Promise<boolean> {
  const surroundings = readEnvironment(process.env);
  const folder = await mkdtemp(join(tmpdir(), 'cloudemy-chaos-'));
  say(
    `starting two backends, two schedulers, a deployer and what they need; logs in ${join(folder, 'logs')}`,
  );
  const world = await startWorld(folder, surroundings);
  let promises: string[];
  try {
    const cluster = surroundings.kubeconfig === undefined ? 'embedded' : 'yours';
    const plan = rolling
      ? planRolling()
      : [...modelAway(minutes), ...planFaults(seed, faults, cluster, only)];
    const report = await run(world, { submissions, seed, plan, say, ...(rolling ? {} : { cancelEvery }) });
    process.stdout.write(`${JSON.stringify(report)}\n`);
    promises = brokenPromises(report, rolling);
  } finally {
    await world.close();
  }
  if (promises.length > 0) say(`not 0: ${promises.join(', ')}; the logs stay in ${folder}`);
  else await rm(folder, { recursive: true, force: true });
  return promises.length === 0;
}
