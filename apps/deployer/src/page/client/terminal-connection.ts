import type { TerminalServerFrame } from '@cloudemy/contracts';

const subprotocol = 'cloudemy.terminal.v1.binary';
/** After these closes nothing is to be had by connecting again: see `terminalCloseCodes` of the contract. */
const finalCodes = new Set([1000, 4000, 4001, 4002, 4003, 4004, 4005, 4007, 4404]);
const longestWaitMs = 10_000;

export interface TerminalEvents {
  /** Output begins with so many bytes from before; what is on the screen is to be forgotten. */
  ready(replayBytes: number): void;
  /** @param shown to be called when the bytes are on the screen, so that more may come */
  output(bytes: Uint8Array, shown: () => void): void;
  /** What goes on, in words; `over` when nothing more will come. */
  state(words: string, over: boolean): void;
}

/**
 * The client side of a terminal: bytes both ways over the binary subprotocol, an acknowledgement for everything
 * that was shown, and a new connection when the old one breaks. The session outlives that for a minute.
 */
export class TerminalConnection {
  #socket: WebSocket | undefined;
  #attempts = 0;
  #size: { cols: number; rows: number } | undefined;
  /** The session takes input: it has said so on this connection. */
  #ready = false;
  /** What was typed while there was no connection. */
  #unsent: Uint8Array<ArrayBuffer>[] = [];
  #farewell = '';
  #closed = false;
  #retry: number | undefined;

  constructor(
    private readonly url: string,
    private readonly events: TerminalEvents,
  ) {
    this.#connect();
  }

  /** Sends what was typed, now or as soon as there is a connection. */
  type(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#ready) this.#socket?.send(bytes);
    else if (!this.#closed) this.#unsent.push(bytes);
  }

  resize(cols: number, rows: number): void {
    this.#size = { cols, rows };
    this.#say({ type: 'resize', cols, rows });
  }

  /** Leaves the session as it is. */
  close(): void {
    this.#closed = true;
    window.clearTimeout(this.#retry);
    this.#socket?.close();
  }

  #connect(): void {
    const socket = new WebSocket(this.url, subprotocol);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    socket.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (typeof data === 'string') this.#heed(JSON.parse(data));
      else this.#show(socket, new Uint8Array(data));
    });
    socket.addEventListener('close', ({ code }) => this.#left(code));
  }

  #show(socket: WebSocket, bytes: Uint8Array): void {
    this.events.output(bytes, () => {
      const ack = JSON.stringify({ type: 'ack', bytes: bytes.length });
      if (socket.readyState === WebSocket.OPEN) socket.send(ack);
    });
  }

  #heed(frame: TerminalServerFrame): void {
    if (frame.type === 'ready') {
      this.#attempts = 0;
      this.#ready = true;
      this.events.ready(frame.replay_bytes);
      this.events.state('', false);
      if (this.#size !== undefined) this.#say({ type: 'resize', ...this.#size });
      for (const bytes of this.#unsent.splice(0)) this.type(bytes);
    } else if (frame.type === 'exit') {
      this.#farewell = frame.message;
    } else if (frame.type === 'error') {
      this.events.state(frame.message, false);
    }
  }

  #left(code: number): void {
    this.#ready = false;
    if (this.#closed) return;
    this.#attempts += 1;
    if (finalCodes.has(code) || this.#attempts > 8) {
      this.#closed = true;
      this.events.state(
        this.#farewell === '' ? 'The terminal cannot be reached any more.' : this.#farewell,
        true,
      );
      return;
    }
    this.events.state('The connection was lost. Connecting again …', false);
    const waitMs = Math.min(longestWaitMs, 250 * 2 ** this.#attempts);
    this.#retry = window.setTimeout(() => this.#connect(), waitMs);
  }

  #say(frame: { type: 'resize'; cols: number; rows: number }): void {
    if (this.#ready) this.#socket?.send(JSON.stringify(frame));
  }
}
