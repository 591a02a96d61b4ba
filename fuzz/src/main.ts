import { fuzzStack } from './fuzz-stack.js';
import { UsageError, parseOptions } from './options.js';

/** Exit codes: something was found; the command line is wrong. */
const found = 1;
const usage = 2;

try {
  const options = parseOptions(process.argv.slice(2));
  const started = performance.now();
  const services = await fuzzStack(options);
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  const findings = Object.values(services).reduce((sum, service) => sum + service.findings.length, 0);
  process.stdout.write(`${JSON.stringify({ ...options, seconds, findings, ...services })}\n`);
  process.exitCode = findings === 0 ? 0 : found;
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = usage;
}
