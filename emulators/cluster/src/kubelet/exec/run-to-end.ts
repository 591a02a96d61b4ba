import { spawn } from 'node:child_process';
import type { ContainerRun } from '../container/container-run.js';
import type { Isolation } from '../process/isolation.js';
import { exitCodeOf } from '../process/terminal.js';

/** As much output of a probe as its event may quote. */
const OUTPUT_LIMIT = 10 * 1024;

/** Runs a command in a container until it ends; it is killed when `signal` is aborted. */
export async function runToEnd(
  isolation: Isolation,
  run: ContainerRun,
  command: readonly string[],
  signal: AbortSignal,
): Promise<{ exitCode: number; output: string }> {
  const { file, args } = isolation.enter(run.programPid, run.workingDir, command, false);
  const child = spawn(file, args, {
    env: run.environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = (): void => {
    if (child.pid !== undefined) {
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has ended already.
      }
    }
  };
  signal.addEventListener('abort', kill);
  run.output.once('end', kill);
  let output = '';
  const collect = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(0, OUTPUT_LIMIT);
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const exitCode = await new Promise<number>((resolve) => {
    child.once('error', () => resolve(126));
    child.once('close', (code, ended) => resolve(exitCodeOf(code, ended)));
  });
  signal.removeEventListener('abort', kill);
  run.output.off('end', kill);
  signal.throwIfAborted();
  return { exitCode, output };
}
