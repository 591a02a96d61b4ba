import { type ChildProcess, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { errorCode } from './error-code.js';

export interface SupervisedOptions {
  env?: Record<string, string | undefined>;
  cwd?: string;
  /** Called with every line of stdout. */
  onLine?: (line: string) => void;
  /** Called with every line of stderr. */
  onErrorLine?: (line: string) => void;
}

export interface Supervised {
  readonly pid: number;
  /** Resolves when the program has ended, with its exit code (128 + n for signal n). */
  readonly exited: Promise<number>;
  /** SIGTERM, and SIGKILL to its whole group when it has not ended after `graceMs`. */
  stop(graceMs?: number): Promise<void>;
  /** A signal to the whole process group, for tests that kill. */
  kill(signal: NodeJS.Signals): void;
}

/**
 * Runs the program beside a reader of file descriptor 3. That pipe ends with the process that started us,
 * however it dies, and then the program gets its SIGTERM: nothing is left running.
 */
const wrapper =
  'exec 4<&3 3<&-; "$@" 4<&- & program=$!; ' +
  '{ cat <&4 >/dev/null 2>&1; kill -TERM $program 2>/dev/null; } & ' +
  'exec 4<&-; wait $program';

/**
 * Starts a program in a process group of its own, so that Ctrl-C in the terminal reaches only us and the parts
 * can be stopped in order. It never outlives this process.
 */
export function supervise(command: readonly string[], options: SupervisedOptions = {}): Supervised {
  const child = spawn('/bin/sh', ['-c', wrapper, 'sh', ...command], {
    env: definedOnly(options.env ?? process.env),
    cwd: options.cwd,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  forwardLines(child.stdout, options.onLine);
  forwardLines(child.stderr, options.onErrorLine);
  const lifeline = child.stdio[3] as Writable;
  // The other end is gone when the program has ended by itself.
  lifeline.on('error', () => {});
  const exited = new Promise<number>((resolve) => {
    child.once('exit', (code, signal) => {
      lifeline.destroy();
      resolve(code ?? (signal === 'SIGKILL' ? 137 : 143));
    });
    child.once('error', () => {
      resolve(127);
    });
  });
  const kill = (signal: NodeJS.Signals): void => {
    killGroup(child, signal);
  };
  return {
    pid: child.pid ?? -1,
    exited,
    kill,
    async stop(graceMs = 10_000) {
      const force = setTimeout(() => {
        kill('SIGKILL');
      }, graceMs);
      lifeline.destroy();
      await exited;
      clearTimeout(force);
    },
  };
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}

function forwardLines(
  stream: NodeJS.ReadableStream | null,
  onLine: ((line: string) => void) | undefined,
): void {
  if (stream === null) return;
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine?.(line);
  });
  stream.on('end', () => {
    if (rest !== '') onLine?.(rest);
  });
}

function definedOnly(env: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
