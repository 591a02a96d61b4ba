import { Duplex, Readable } from 'node:stream';
import type WebSocket from 'ws';
import { KubeConnectionError } from '../cluster/errors.js';
import { type ExecExit, readExecStatus } from './exec-status.js';
import { Channel, frame, resizeFrame } from './protocol.js';

export interface ExecStreamOptions {
  server: string;
  tty: boolean;
  pingIntervalMs: number;
  signal?: AbortSignal | undefined;
}

/** Larger writes are sent in pieces, so that a resize or a ping need not wait behind a megabyte. */
const LARGEST_FRAME = 32 * 1024;

/**
 * One command in a container. Bytes written go to its stdin, bytes read are its stdout; with a TTY that is
 * everything. Both ways press back: a write calls back when the socket took it, and while nobody reads, nothing
 * is taken from the socket. Without a TTY `stderr` must be read too, or it holds up stdout.
 *
 * `end()` closes stdin. `destroy()` hangs up; the server then leaves the command running.
 */
export class ExecConnection extends Duplex {
  readonly stderr: Readable;
  /** How the command ended. Rejected when the connection is lost before that is known. */
  readonly exited: Promise<ExecExit>;
  readonly #exit = Promise.withResolvers<ExecExit>();
  readonly #full = new Set<Readable>();
  readonly #pinging: NodeJS.Timeout;
  #hasExited = false;
  #awaitsPong = false;

  private readonly socket: WebSocket;
  private readonly options: ExecStreamOptions;

  constructor(socket: WebSocket, options: ExecStreamOptions) {
    super({ allowHalfOpen: true, ...(options.signal && { signal: options.signal }) });
    this.socket = socket;
    this.options = options;

    this.exited = this.#exit.promise;
    // Losing the connection is told by `exited` too: whoever listens only there must not be killed by it.
    this.exited.catch(() => {});
    this.on('error', () => {});
    this.stderr = new Readable({ read: () => this.#drained(this.stderr) });
    socket.on('message', (data: Buffer) => this.#receive(data));
    socket.on('close', (code) => this.#closed(code));
    socket.on('error', (error) => this.destroy(this.#lost(error.message, error)));
    socket.on('pong', () => (this.#awaitsPong = false));
    this.#pinging = setInterval(() => this.#ping(), options.pingIntervalMs).unref();
  }

  /** Whether stdin can be closed while the command continues reading output (protocol v5). */
  get canCloseStdin(): boolean {
    return this.socket.protocol.startsWith('v5.');
  }

  /** Tells the terminal its size. Sizes that are none (zero, negative, not a number) are ignored. */
  resize(columns: number, rows: number): void {
    const message = resizeFrame(columns, rows);
    if (message !== undefined && this.options.tty) this.#send(message);
  }

  /** Ends the command's input. A program behind a TTY does not notice: write `\x04` (Ctrl-D) instead. */
  closeStdin(): void {
    this.end();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const piece = chunk.subarray(0, LARGEST_FRAME);
    this.#send(frame(Channel.stdin, piece), (error) => {
      const rest = chunk.subarray(LARGEST_FRAME);
      // Input for a command that has ended goes nowhere; how it ended is for `#closed` to say, not for a write.
      if (error || rest.length === 0) done(this.socket.readyState === this.socket.OPEN ? error : null);
      else this._write(rest, 'utf8', done);
    });
  }

  override _final(done: (error?: Error | null) => void): void {
    if (!this.canCloseStdin || this.socket.readyState !== this.socket.OPEN) done();
    else this.#send(frame(Channel.close, Uint8Array.of(Channel.stdin)), done);
  }

  override _read(): void {
    this.#drained(this);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearInterval(this.#pinging);
    this.#exit.reject(error ?? this.#lost('the session was closed'));
    this.stderr.destroy();
    this.socket.terminate();
    done(error);
  }

  #send(message: Buffer, done: (error?: Error | null) => void = () => {}): void {
    this.socket.send(message, (error) => done(error ?? null));
  }

  #receive(data: Buffer): void {
    // Output is as good a sign of life as a pong, which waits behind it.
    this.#awaitsPong = false;
    const payload = data.subarray(1);
    if (payload.length === 0) return;
    if (data[0] === Channel.stdout) this.#deliver(this, payload);
    else if (data[0] === Channel.stderr) this.#deliver(this.stderr, payload);
    else if (data[0] === Channel.status) this.#finished(readExecStatus(payload.toString()));
  }

  #deliver(to: Readable, payload: Buffer): void {
    if (to.push(payload)) return;
    this.#full.add(to);
    this.socket.pause();
  }

  #drained(stream: Readable): void {
    this.#full.delete(stream);
    if (this.#full.size === 0) this.socket.resume();
  }

  #finished(exit: ExecExit): void {
    this.#hasExited = true;
    this.#exit.resolve(exit);
  }

  #closed(code: number): void {
    clearInterval(this.#pinging);
    if (!this.#hasExited) {
      this.destroy(
        this.#lost(`the server closed the session without saying how the command ended (${code})`),
      );
      return;
    }
    this.push(null);
    this.stderr.push(null);
    if (!this.writableEnded) this.end();
  }

  /** A connection that is held back by its reader cannot hear a pong: it is not taken for dead. */
  #ping(): void {
    if (this.socket.readyState !== this.socket.OPEN || this.socket.isPaused) return;
    if (this.#awaitsPong) {
      this.destroy(this.#lost('the server no longer answers'));
      return;
    }
    this.#awaitsPong = true;
    this.socket.ping();
  }

  #lost(why: string, cause?: unknown): KubeConnectionError {
    return new KubeConnectionError(this.options.server, false, why, { cause });
  }
}
