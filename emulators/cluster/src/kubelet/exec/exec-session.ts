import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { Readable, Writable } from 'node:stream';
import type { ContainerRun } from '../container/container-run.js';
import type { ExecOptions, ExecOutcome, ExecSession } from '../../kubelet-contract.js';
import type { CommandLine, Isolation } from '../process/isolation.js';
import { exitCodeOf, isAlive, Terminal } from '../process/terminal.js';
import { whyNotExecutable } from './find-program.js';

/** Exit code of what SIGKILL has ended. */
const KILLED = 137;

/** Process groups to be killed if the cluster dies. */
export interface Groups {
  add(group: number): void;
  delete(group: number): void;
}

function present(
  options: ExecOptions,
  streams: { stdin: Writable; stdout: Readable; stderr: Readable | undefined },
) {
  return {
    ...(options.stdin ? { stdin: streams.stdin } : {}),
    ...(options.stdout ? { stdout: streams.stdout } : {}),
    ...(options.stderr && streams.stderr !== undefined ? { stderr: streams.stderr } : {}),
  };
}

function nothing(): Readable {
  return Readable.from([]);
}

function sink(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}

/** The session of a command that never began. */
function failed(options: ExecOptions, why: string): ExecSession {
  const id = randomBytes(32).toString('hex');
  const message = `error executing command in container: failed to exec in container: failed to start exec "${id}": OCI runtime exec failed: exec failed: unable to start container process: ${why}`;
  return {
    ...present(options, { stdin: sink(), stdout: nothing(), stderr: options.tty ? undefined : nothing() }),
    exited: Promise.resolve({ kind: 'failed', message }),
    resize: () => {},
    detach: () => {},
  };
}

function kill(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

/** Ends the process with its container. */
function tie(run: ContainerRun, group: number, groups: Groups, ended: Promise<unknown>): void {
  const end = (): void => kill(group);
  groups.add(group);
  run.output.once('end', end);
  void ended.finally(() => {
    run.output.off('end', end);
    groups.delete(group);
  });
}

function inTerminal(
  run: ContainerRun,
  { file, args }: CommandLine,
  options: ExecOptions,
  groups: Groups,
): ExecSession {
  const env = { ...run.environment, TERM: 'xterm' };
  const terminal = new Terminal({ file, args, cwd: '/', env });
  tie(run, terminal.pid, groups, terminal.exited);
  if (!options.stdout) {
    terminal.output.resume();
  }
  return {
    ...present(options, { stdin: terminal.input, stdout: terminal.output, stderr: undefined }),
    exited: terminal.exited.then((exitCode) => exitedIn(run, exitCode)),
    resize: (columns, rows) => terminal.resize(columns, rows),
    // The process continues, so its output must go somewhere.
    detach: () => terminal.output.resume(),
  };
}

/** A process that went down with its container was killed, however it put it. */
function exitedIn(run: ContainerRun, exitCode: number): ExecOutcome {
  return { kind: 'exited', exitCode: exitCode === 0 || isAlive(run.programPid) ? exitCode : KILLED };
}

async function outcome(run: ContainerRun, child: ChildProcess): Promise<ExecOutcome> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ kind: 'failed', message: error.message }));
    child.once('close', (code, signal) => resolve(exitedIn(run, exitCodeOf(code, signal))));
  });
}

function piped(
  run: ContainerRun,
  { file, args }: CommandLine,
  options: ExecOptions,
  groups: Groups,
): ExecSession {
  const child = spawn(file, args, {
    cwd: '/',
    env: run.environment,
    detached: true,
    stdio: [
      options.stdin ? 'pipe' : 'ignore',
      options.stdout ? 'pipe' : 'ignore',
      options.stderr ? 'pipe' : 'ignore',
    ],
  });
  child.stdin?.on('error', () => {});
  const exited = outcome(run, child);
  tie(run, child.pid ?? 0, groups, exited);
  return {
    ...(child.stdin === null ? {} : { stdin: child.stdin }),
    ...(child.stdout === null ? {} : { stdout: child.stdout }),
    ...(child.stderr === null ? {} : { stderr: child.stderr }),
    exited,
    resize: () => {},
    detach: () => {
      child.stdin?.end();
      child.stdout?.resume();
      child.stderr?.resume();
    },
  };
}

/** Runs a command in a container that is running: same variables, folder and view. */
export function execIn(
  isolation: Isolation,
  run: ContainerRun,
  options: ExecOptions,
  groups: Groups,
): ExecSession {
  const { command, tty } = options;
  const root = isolation.kind === 'view' ? `/proc/${run.programPid}/root` : '';
  const why = whyNotExecutable(command[0] ?? '', root, run.workingDir, run.environment['PATH']);
  if (why !== undefined) {
    return failed(options, why);
  }
  const line = isolation.enter(run.programPid, run.workingDir, command, tty);
  return tty ? inTerminal(run, line, options, groups) : piped(run, line, options, groups);
}
