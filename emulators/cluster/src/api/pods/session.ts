import type { Readable } from 'node:stream';
import type { WebSocket } from 'ws';
import type { ExecSession } from '../../kubelet-contract.js';
import type { Protocol } from './channels.js';
import { channel, outcomeStatus, parseResize } from './channels.js';

/** Bytes the client may be behind before the process is no longer read. */
const HIGH_WATER = 1024 * 1024;
const LOW_WATER = 256 * 1024;
/** Bytes per frame; a real server reads in 32 KiB pieces. */
const FRAME = 32 * 1024;

/** Carries one process over one WebSocket, at the pace of the slower of the two. */
export class StreamSession {
  readonly #sources: Readable[] = [];
  #ended = false;

  private readonly socket: WebSocket;
  private readonly session: ExecSession;
  private readonly protocol: Protocol;

  constructor(socket: WebSocket, session: ExecSession, protocol: Protocol) {
    this.socket = socket;
    this.session = session;
    this.protocol = protocol;
  }

  run(): void {
    const { socket, session } = this;
    // A real server opens with an empty frame of the output stream.
    this.#send(channel.stdout, Buffer.alloc(0));
    this.#forward(session.stdout, channel.stdout);
    this.#forward(session.stderr, channel.stderr);
    const resume = () => {
      socket.resume();
    };
    session.stdin?.on('drain', resume).on('close', resume);
    session.stdin?.on('error', () => {
      // The process has closed its input; what is still typed is lost, as it would be in a pipe.
    });
    socket.on('message', (data: Buffer) => {
      this.#receive(data);
    });
    socket.on('close', () => {
      this.#leave();
    });
    socket.on('error', () => {
      socket.terminate();
    });
    void this.#finish();
  }

  /** The status goes out behind the last byte of output. */
  async #finish(): Promise<void> {
    const outcome = await this.session.exited;
    await Promise.all(this.#sources.map((source) => drained(source)));
    if (this.#ended) {
      return;
    }
    this.#ended = true;
    this.#send(channel.status, Buffer.from(JSON.stringify(outcomeStatus(outcome))));
    this.socket.close(1000);
  }

  #forward(source: Readable | undefined, stream: number): void {
    if (source === undefined) {
      return;
    }
    this.#sources.push(source);
    source.on('data', (chunk: Buffer) => {
      for (let start = 0; start < chunk.length; start += FRAME) {
        this.#send(stream, chunk.subarray(start, start + FRAME));
      }
      if (this.socket.bufferedAmount > HIGH_WATER) {
        this.#sources.forEach((one) => {
          one.pause();
        });
      }
    });
    source.on('error', () => {
      // The end of a terminal reads as an error; the exit tells what happened.
    });
  }

  #send(stream: number, payload: Buffer): void {
    if (this.socket.readyState !== this.socket.OPEN) {
      return;
    }
    this.socket.send(Buffer.concat([Buffer.of(stream), payload]), { binary: true }, () => {
      // A socket that is closing reports its unsent frames too; reading on for it would never end.
      if (this.socket.readyState === this.socket.OPEN && this.socket.bufferedAmount < LOW_WATER) {
        this.#resume();
      }
    });
  }

  #resume(): void {
    for (const source of this.#sources) {
      if (source.isPaused() && !source.destroyed) {
        source.resume();
      }
    }
  }

  #receive(data: Buffer): void {
    const payload = data.subarray(1);
    switch (data[0]) {
      case channel.stdin:
        this.#input(payload);
        break;
      case channel.resize: {
        const size = parseResize(payload);
        if (size !== undefined) {
          this.session.resize(size.columns, size.rows);
        }
        break;
      }
      case channel.close:
        if (this.protocol === 'v5.channel.k8s.io' && payload[0] === channel.stdin) {
          this.session.stdin?.end();
        }
        break;
      default:
      // Frames of other streams are ignored.
    }
  }

  /** Input is never dropped: while the process does not read, the socket is not read either. */
  #input(payload: Buffer): void {
    const { stdin } = this.session;
    if (stdin === undefined || payload.length === 0 || stdin.writableEnded) {
      return;
    }
    if (!stdin.write(payload)) {
      this.socket.pause();
    }
  }

  #leave(): void {
    if (!this.#ended) {
      this.#ended = true;
      this.session.detach();
      // What the process continues to write is thrown away, so that it does not wait for a reader for ever.
      this.#resume();
    }
  }
}

/** Resolves when a stream has given all it has. */
function drained(source: Readable): Promise<void> {
  if (source.readableEnded || source.destroyed) {
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    source.once('end', resolve);
    source.once('close', resolve);
    source.once('error', () => {
      resolve();
    });
  });
}
