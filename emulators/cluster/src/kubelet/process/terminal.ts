import { spawn } from '@lydell/node-pty';
import type { IPty } from '@lydell/node-pty';
import { readFileSync } from 'node:fs';
import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { constants } from 'node:os';
import { Readable, Writable } from 'node:stream';

/** While output waits for its reader, look this often whether the process has ended (milliseconds). */
const WATCH = 50;
/** While a terminal is full, try again at the latest after this long (milliseconds). */
const LONGEST_PAUSE = 16;

export interface TerminalOptions {
  file: string;
  args: string[];
  cwd: string;
  env: Record<string, string>;
}

/** The exit code of a process as a shell or a container runtime gives it: 128 and the signal's number. */
export function exitCodeOf(code: number | null, signal: NodeJS.Signals | number | null | undefined): number {
  if (signal === null || signal === undefined || signal === 0) {
    return code ?? 0;
  }
  return 128 + (typeof signal === 'number' ? signal : constants.signals[signal]);
}

/**
 * A process in a terminal of its own. Bytes go in and out as bytes. Input is taken at the pace the terminal
 * accepts it; output that nobody reads stops the process from writing more.
 */
export class Terminal {
  readonly input: Writable;
  readonly output: Readable;
  /** The exit code, once the process has ended and all its output has been taken. */
  readonly exited: Promise<number>;
  readonly #pty: IPty;
  #watch: NodeJS.Timeout | undefined;

  constructor({ file, args, cwd, env }: TerminalOptions) {
    const pty = spawn(file, args, { name: 'xterm', encoding: null, cwd, env });
    this.#pty = pty;
    this.output = new Readable({ read: () => this.#resume() });
    this.input = new Writable({ write: (chunk: Buffer, _encoding, done) => send(pty, chunk, () => done()) });
    // Typed as text, but without an encoding it is bytes.
    pty.onData((data: unknown) => {
      if (!this.output.push(Buffer.isBuffer(data) ? data : Buffer.from(String(data)))) {
        this.#pause();
      }
    });
    this.exited = new Promise((resolve) => {
      pty.onExit(({ exitCode, signal }) => {
        clearInterval(this.#watch);
        this.output.push(null);
        this.input.destroy();
        resolve(exitCodeOf(exitCode, signal));
      });
    });
  }

  get pid(): number {
    return this.#pty.pid;
  }

  /** Size in character cells; zero and less are ignored, as the API server does. */
  resize(columns: number, rows: number): void {
    if (columns >= 1 && rows >= 1) {
      try {
        this.#pty.resize(Math.min(Math.floor(columns), 65_535), Math.min(Math.floor(rows), 65_535));
      } catch {
        // The terminal has closed in the meantime.
      }
    }
  }

  #pause(): void {
    this.#pty.pause();
    // The terminal is torn down shortly after its process has ended: what is left in it must be taken out.
    this.#watch ??= setInterval(() => {
      if (!isAlive(this.pid)) {
        this.#resume();
      }
    }, WATCH);
  }

  #resume(): void {
    clearInterval(this.#watch);
    this.#watch = undefined;
    this.#pty.resume();
  }
}

/**
 * Writes to the terminal without ever waiting inside the call. The handle that node-pty writes through blocks
 * while the terminal is full; a program that echoes what it is given then waits for this process to read, and
 * this process for the program.
 */
function send(pty: IPty, chunk: Buffer, done: () => void, pause = 1): void {
  const fd = 'fd' in pty ? pty.fd : undefined;
  const socket = '_socket' in pty ? pty._socket : undefined;
  if (typeof fd !== 'number' || !(socket instanceof Socket) || socket.destroyed) {
    done();
    return;
  }
  const written = writeNow(fd, chunk);
  if (written === undefined || written === chunk.length) done();
  else {
    const next = written > 0 ? 1 : Math.min(pause * 2, LONGEST_PAUSE);
    setTimeout(send, next, pty, chunk.subarray(written), done, next);
  }
}

/** How many bytes a descriptor that does not block takes; undefined when it takes nothing any more. */
function writeNow(fd: number, chunk: Buffer): number | undefined {
  try {
    return writeSync(fd, chunk);
  } catch (error) {
    const full = typeof error === 'object' && error !== null && 'code' in error && error.code === 'EAGAIN';
    return full ? 0 : undefined;
  }
}

/** Whether a process is there and has not ended, as far as this machine tells. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ');
  } catch {
    return true;
  }
}
