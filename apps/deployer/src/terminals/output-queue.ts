import { terminalWindowBytes } from '@cloudemy/contracts';
import { type RawData, type WebSocket } from 'ws';
import type { TerminalProtocol } from './protocol.js';

/** Encoded bytes given to the socket and not yet taken by the system, above which output pauses. */
const highWaterBytes = 262_144;
/** Below which it continues. */
const lowWaterBytes = 65_536;
/** Bytes put into one message at most before it is sent. */
const messageBytes = 65_536;

/**
 * Output on its way to one client. What arrives in one turn of the event loop goes as one message: a keystroke's
 * echo leaves at once, a flood in few messages. It knows when to stop: when the socket is full, or when a client
 * that acknowledges has a whole window unacknowledged.
 */
export class OutputQueue {
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #inFlight = 0;
  #unacknowledged = 0;
  #flushing: NodeJS.Immediate | undefined;
  #full = false;
  #windowSuspended = false;
  #progressAt = performance.now();

  private readonly socket: WebSocket;
  private readonly protocol: TerminalProtocol;
  private readonly onDrained: () => void;

  constructor(socket: WebSocket, protocol: TerminalProtocol, onDrained: () => void) {
    this.socket = socket;
    this.protocol = protocol;
    this.onDrained = onDrained;
  }

  /** `performance.now()` when the client last took anything of what waits for it; undefined when nothing waits. */
  get waitingSince(): number | undefined {
    return this.#full || this.#inFlight > 0 ? this.#progressAt : undefined;
  }

  /** @returns false when no more should come until `onDrained` */
  push(chunk: Buffer): boolean {
    this.#pending.push(chunk);
    this.#pendingBytes += chunk.length;
    if (this.#pendingBytes >= messageBytes) this.flush();
    else this.#flushing ??= setImmediate(() => this.flush());
    return !this.#isFull();
  }

  /** Sends what waits. */
  flush(): void {
    clearImmediate(this.#flushing);
    this.#flushing = undefined;
    if (this.#pendingBytes === 0) return;
    const [only] = this.#pending;
    const bytes = this.#pending.length === 1 && only !== undefined ? only : Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    if (this.protocol.acknowledges) this.#unacknowledged += bytes.length;
    this.#send(this.protocol.encode(bytes));
  }

  /** Sends what waits, half characters too: nothing will follow. */
  finish(): void {
    this.flush();
    this.#send(this.protocol.finish());
  }

  /** The client has shown so many bytes. */
  acknowledge(bytes: number): void {
    this.#unacknowledged = Math.max(0, this.#unacknowledged - bytes);
    this.#moved();
  }

  /**
   * While nothing is read from the client, acknowledgements cannot arrive: waiting for them then could be waiting
   * for ever. The socket's own limit still holds.
   */
  suspendWindow(suspended: boolean): void {
    this.#windowSuspended = suspended;
    if (suspended) this.#moved();
  }

  /** Gives up what waits. */
  discard(): void {
    clearImmediate(this.#flushing);
    this.#pending = [];
    this.#pendingBytes = 0;
  }

  #send(message: string | Buffer | undefined): void {
    if (message === undefined) return;
    const bytes = message.length;
    if (this.waitingSince === undefined) this.#progressAt = performance.now();
    this.#inFlight += bytes;
    this.socket.send(message, { binary: typeof message !== 'string' }, () => {
      this.#inFlight -= bytes;
      this.#moved();
    });
  }

  #isFull(): boolean {
    if (this.#full) return true;
    const full = this.#inFlight + this.#pendingBytes >= highWaterBytes || this.#windowFull();
    if (full && this.#inFlight === 0) this.#progressAt = performance.now();
    this.#full = full;
    return full;
  }

  #moved(): void {
    this.#progressAt = performance.now();
    if (!this.#full || this.#windowFull() || this.#inFlight + this.#pendingBytes > lowWaterBytes) return;
    this.#full = false;
    this.onDrained();
  }

  #windowFull(): boolean {
    return !this.#windowSuspended && this.#unacknowledged + this.#pendingBytes >= terminalWindowBytes;
  }
}

/** A message in one piece, however `ws` delivers it. */
export function toBuffer(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
