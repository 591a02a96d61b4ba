import type { Readable, Writable } from 'node:stream';
import type { KubeObject } from './objects.js';

/** The parts of a log request that concern the reading of lines. The API server has validated them. */
export interface LogOptions {
  /** Keep the stream open until the container ends. */
  follow: boolean;
  /** Read the run before the current one; the API server has seen in the pod's status that there is one. */
  previous: boolean;
  /** Only the last lines; 0 gives none of what is already there. */
  tailLines?: number;
  /** Only lines stamped at or after this instant (milliseconds since the epoch). */
  sinceTime?: number;
  /** Stop after this many bytes, in the middle of a line if need be. */
  limitBytes?: number;
  /** Begin each line with its RFC 3339 time with nanoseconds and a space. */
  timestamps: boolean;
  /** Aborted when the client has gone; the iteration then ends without an error. */
  signal: AbortSignal;
}

export interface ExecOptions {
  /** Program and arguments, no shell in between. */
  command: readonly string[];
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
  tty: boolean;
}

/** How a process ended, or why it never began. */
export type ExecOutcome =
  | { kind: 'exited'; exitCode: number }
  /** The command could not be started (not found, not executable): becomes an InternalError status. */
  | { kind: 'failed'; message: string };

/** One process inside a container. */
export interface ExecSession {
  /** Present when stdin was asked for. `write` returning false means: wait for `drain`. */
  readonly stdin?: Writable;
  /** Present when stdout was asked for. With a TTY it carries everything. Respects `pause()`. */
  readonly stdout?: Readable;
  /** Present when stderr was asked for and there is no TTY. */
  readonly stderr?: Readable;
  /** Resolves once, after the process has ended and its output streams have been given all their bytes. */
  readonly exited: Promise<ExecOutcome>;
  /** Size of the terminal in character cells; ignored without a TTY. */
  resize(columns: number, rows: number): void;
  /** The client has gone. A real kubelet leaves the process running, and so may the runtime. */
  detach(): void;
}

/**
 * What the API server asks of whoever runs the pods. The API server checks names, states and rights before
 * it calls; `pod` is the stored object and must not be changed. A method may throw an `ApiError`, which the
 * client then gets as it is.
 */
export interface PodRuntime {
  /** Bytes of a container's log. The consumer's pace is the pace of reading: nothing is buffered ahead. */
  openLog(pod: KubeObject, container: string, options: LogOptions): AsyncIterable<Buffer>;
  exec(pod: KubeObject, container: string, options: ExecOptions): ExecSession;
}
