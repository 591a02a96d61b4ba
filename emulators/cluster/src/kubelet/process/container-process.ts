import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Isolation, StartSpec } from './isolation.js';
import { exitCodeOf } from './terminal.js';

/** The program could not be started: the container ends with reason `StartError` and code 128. */
export class StartError extends Error {}

export interface ProcessOptions extends StartSpec {
  env: Record<string, string>;
  stdin: boolean;
}

/** Output that is held back by a process left behind is given up after this long (milliseconds). */
const LAST_OUTPUT = 1000;

/** The first process of a container. */
export interface ContainerProcess {
  /** The pid this machine knows it by, once the program runs. Rejects with a `StartError`. */
  readonly started: Promise<number>;
  /** Its exit code, once it and all it has started are gone and all output has been given out. */
  readonly exited: Promise<number>;
  /** The process group that `kill` ends: to be ended by others if this process dies. */
  readonly group: number;
  /** Sends a signal to the program only. One it does not handle is ignored, as by every first process. */
  signal(name: NodeJS.Signals): void;
  /** Ends it and all it has started. */
  kill(): void;
}

/** What a start reports: see `scripts.ts`. */
class Report {
  pid = 0;
  /** It is known how the start went. */
  settled = false;
  readonly started: Promise<number>;
  #resolve: (pid: number) => void = () => {};
  #reject: (error: Error) => void = () => {};
  #text = '';

  constructor() {
    this.started = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Whoever only waits for the end need not ask how it began.
    this.started.catch(() => {});
  }

  add(text: string): void {
    this.#text += text;
    const lines = this.#text.split('\n');
    this.#text = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('pid ')) {
        this.pid = Number(line.slice(4));
      } else if (line === 'ok') {
        this.settled = true;
        this.#resolve(this.pid);
      } else if (line.startsWith('error ')) {
        this.settled = true;
        this.#reject(new StartError(line.slice(6)));
      }
    }
  }

  /** Nothing more will come. */
  end(): void {
    this.settled = true;
    this.#reject(new StartError('the container ended before its program could be started'));
  }
}

/** Whether a process handles a signal; assumed where the machine does not tell. */
function handles(pid: number, signal: NodeJS.Signals): boolean {
  try {
    const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return (
      caught === undefined || ((BigInt(`0x${caught}`) >> BigInt(constants.signals[signal] - 1)) & 1n) === 1n
    );
  } catch {
    return true;
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended already.
  }
}

class PipedProcess implements ContainerProcess {
  readonly #report = new Report();
  readonly #isolation: Isolation;
  readonly exited: Promise<number>;
  readonly group: number;
  /** What `unshare` says: the program's own stderr is joined to its stdout. */
  #complaint = '';

  constructor(isolation: Isolation, options: ProcessOptions, onOutput: (chunk: Buffer) => void) {
    this.#isolation = isolation;
    const { file, args } = isolation.start(options);
    const child = spawn(file, args, {
      cwd: '/',
      env: options.env,
      detached: true,
      stdio: [options.stdin ? 'pipe' : 'ignore', 'pipe', 'pipe', 'pipe'],
    });
    child.stderr?.on('data', (chunk: Buffer) => (this.#complaint += chunk.toString()));
    this.group = child.pid ?? 0;
    child.stdout?.on('data', onOutput);
    this.#listen(child.stdio[3]);
    this.exited = this.#end(child);
  }

  get started(): Promise<number> {
    return this.#report.started;
  }

  signal(name: NodeJS.Signals): void {
    // A process that shares the machine's pids would die of a signal that a first process ignores.
    if (this.#report.pid > 0 && (this.#isolation.kind === 'view' || handles(this.#report.pid, name))) {
      send(this.#report.pid, name);
    }
  }

  kill(): void {
    // The group first: `unshare`, which is in it, would tell of the death of its child in its own way.
    send(-this.group, 'SIGKILL');
    if (this.#report.pid > 0) {
      send(this.#report.pid, 'SIGKILL');
    }
  }

  #listen(report: unknown): void {
    const stream = isReadable(report) ? report : undefined;
    stream?.on('data', (chunk: Buffer) => this.#report.add(chunk.toString()));
    stream?.on('error', () => {});
  }

  async #end(child: ChildProcess): Promise<number> {
    const code = await new Promise<number>((resolve) => {
      child.once('error', () => resolve(128));
      child.once('exit', (status, signal) => resolve(exitCodeOf(status, signal)));
    });
    // What it left behind ends with it, and with that the pipes.
    this.kill();
    const closed = new Promise<void>((resolve) => {
      child.once('close', () => resolve());
    });
    if ([child.stdout, child.stderr, child.stdio[3]].some((stream) => stream?.closed !== true)) {
      await Promise.race([closed, sleep(LAST_OUTPUT, undefined, { ref: false })]);
    }
    child.stdout?.destroy();
    child.stderr?.destroy();
    const killed = code === 1 && this.#report.pid > 0 && this.#complaint.startsWith('unshare: ');
    this.#report.end();
    // `unshare` dies of what its child died of. Of SIGKILL it cannot, complains, and exits with 1.
    return killed ? exitCodeOf(null, 'SIGKILL') : code;
  }
}

function isReadable(value: unknown): value is Readable {
  return typeof value === 'object' && value !== null && 'on' in value && 'read' in value;
}

/** Starts a container's first process. `onOutput` gets stdout and stderr in the order they were written. */
export function startContainerProcess(
  isolation: Isolation,
  options: ProcessOptions,
  onOutput: (chunk: Buffer) => void,
): ContainerProcess {
  return new PipedProcess(isolation, options, onOutput);
}
