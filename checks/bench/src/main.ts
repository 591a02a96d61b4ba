import type { Bench } from './bench.js';
import { deploy } from './deploys/deploy.js';
import { history } from './grading/history.js';
import { intake } from './grading/intake.js';
import { recovery } from './grading/recovery.js';
import { scheduling } from './grading/scheduling.js';
import { imageMemory } from './images/image-memory.js';
import { schedulerMemory } from './images/scheduler-memory.js';
import { imageStart } from './images/image-start.js';
import { logs } from './logs/logs.js';
import { type BenchOptions, UsageError, parseOptions } from './options.js';
import { print } from './report/print.js';
import { meetsGoals } from './report/report.js';
import { runnerStart } from './runner-start.js';
import { type BenchStack, startBenchStack } from './stack/bench-stack.js';
import { terminalEcho } from './terminals/terminal-echo.js';
import { terminalOutput } from './terminals/terminal-output.js';

const benches = new Map<string, Bench>([
  ['runner-start', runnerStart],
  ['image-start', imageStart],
  ['image-memory', imageMemory],
  ['scheduler-memory', schedulerMemory],
  ['terminal-echo', terminalEcho],
  ['terminal-output', terminalOutput],
  ['logs', logs],
  ['deploy', deploy],
  ['scheduling', scheduling],
  ['intake', intake],
  ['history', history],
  ['recovery', recovery],
]);

/** Exit codes: a goal was missed; the command line is wrong. */
const missed = 1;
const usage = 2;

try {
  process.exitCode = (await run(parseOptions(process.argv.slice(2), [...benches.keys()]))) ? 0 : missed;
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = usage;
}

/** @returns whether every goal was met */
async function run({ names, rounds, quick, kubeconfig }: BenchOptions): Promise<boolean> {
  let stack: Promise<BenchStack> | undefined;
  let allMet = true;
  try {
    for (const [name, bench] of benches) {
      if (!names.includes(name)) continue;
      const report = await bench.run({
        rounds: rounds ?? (quick ? 1 : bench.rounds),
        quick,
        kubeconfig,
        stack: () => (stack ??= startBenchStack(kubeconfig)),
      });
      print(report, (text) => void process.stdout.write(text));
      allMet &&= meetsGoals(report);
    }
  } finally {
    const started = await stack?.catch(() => undefined);
    await started?.close();
  }
  return allMet;
}
