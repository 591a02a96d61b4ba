import { UsageError, parseOptions, usage } from './options.js';
import { run } from './run.js';

/** As shells have it: 128 and the number of SIGINT. */
const interruptedCode = 130;

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // Pressed twice, it need not be tidy: the parts end with us, whatever happens.
    if (interrupted.signal.aborted) process.exit(interruptedCode);
    interrupted.abort(new Error('Interrupted.'));
  });
}

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(usage);
    return 0;
  }
  if (await run(options, interrupted.signal)) return 0;
  return interrupted.signal.aborted ? interruptedCode : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = interrupted.signal.aborted ? interruptedCode : error instanceof UsageError ? 2 : 1;
}
