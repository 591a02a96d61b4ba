#!/usr/bin/env node
import { parseCommandLine, type CommandLine } from './options.js';
import { startLocalLlm, type LocalLlm } from './server.js';

/** Exit code for a command line that cannot be understood, as shells have it. */
const USAGE = 2;

function readArguments(): CommandLine {
  try {
    return parseCommandLine(process.argv.slice(2));
  } catch (error) {
    return fail(error, USAGE);
  }
}

async function start(options: CommandLine['server']): Promise<LocalLlm> {
  try {
    return await startLocalLlm({ ...options, log: (line) => process.stderr.write(`${line}\n`) });
  } catch (error) {
    return fail(error, 1);
  }
}

function fail(error: unknown, code: number): never {
  process.stderr.write(`emulator-llm: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(code);
}

const { server, exitWithParent } = readArguments();
const llm = await start(server);
const stop = (): void => {
  // A paused standard input would keep the process alive after the server is closed.
  process.stdin.destroy();
  void llm.close();
};
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
if (exitWithParent) process.stdin.once('end', stop).once('error', stop).resume();
process.stdout.write(`${JSON.stringify({ url: llm.url, emulator: true })}\n`);
