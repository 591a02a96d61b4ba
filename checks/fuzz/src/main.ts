import type { FuzzReport } from './fuzz.js';
import { fuzzStack } from './fuzz-stack.js';
import { UsageError, parseOptions } from './options.js';

/** Exit codes: something was found; the command line is wrong. */
const found = 1;
const usage = 2;

try {
  const { modes, ...options } = parseOptions(process.argv.slice(2));
  const runs: Record<string, Record<string, FuzzReport>> = {};
  const started = performance.now();
  for (const auth of modes) runs[auth] = await fuzzStack({ ...options, auth });
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  const reports = Object.values(runs).flatMap((services) => Object.values(services));
  const findings = reports.reduce((sum, report) => sum + report.findings.length, 0);
  process.stdout.write(`${JSON.stringify({ ...options, seconds, findings, auth: runs })}\n`);
  process.exitCode = findings === 0 ? 0 : found;
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = usage;
}
