import type { Readable, Writable } from 'node:stream';

/** How a command in a container ended, or why nothing more is known of it. */
export type ExecExit =
  | { kind: 'exited'; exitCode: number }
  /** It never began: no such program in the image, not executable. */
  | { kind: 'not_started'; message: string }
  /** The connection to the cluster broke. */
  | { kind: 'lost'; message: string };

/** A command running in a container, in a terminal of its own. */
export interface ExecChannel {
  /** Pausing it pauses the command, once the buffers on the way are full. */
  readonly output: Readable;
  /** `write` returning false means: wait for `drain`. */
  readonly input: Writable;
  /** Resolves once; never rejects. Output may still be waiting to be read. */
  readonly exited: Promise<ExecExit>;
  resize(cols: number, rows: number): void;
  /** Hangs up. The cluster leaves the command running. */
  close(): void;
}

export interface ExecTarget {
  namespace: string;
  podName: string;
  containerName: string;
}

/**
 * Runs a command with a terminal in a container.
 *
 * @throws KubeApiError when the cluster refuses, KubeConnectionError when it does not answer
 */
export type OpenExec = (target: ExecTarget, command: readonly string[]) => Promise<ExecChannel>;
