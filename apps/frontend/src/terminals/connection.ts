import type { TerminalServerFrame } from '@cloudemy/contracts';

const subprotocol = 'cloudemy.terminal.v1.binary';
/** After these closes nothing is to be had by connecting again: see `terminalCloseCodes` of the contract. */
const finalCodes = new Set([1000, 4000, 4001, 4002, 4003, 4004, 4007, 4404]);
/** Another window has the session: it continues there, and may be taken back by hand. */
const takenOver = 4005;
const longestWaitMs = 10_000;
/** Milliseconds for which a session outlives its connection, and a little more for clocks. */
const keptMs = 65_000;

export type ConnectionState =
  | { kind: 'connecting' }
  | { kind: 'open' }
  /** Tries again at `nextAt`; the session is kept until `until`. */
  | { kind: 'lost'; nextAt: number; until: number }
  /** Not tried again by itself. */
  | { kind: 'paused'; message: string }
  | { kind: 'over'; message: string };

export interface ConnectionEvents {
  /** Output begins with so many bytes from before; what is on the screen is to be forgotten. */
  ready(replayBytes: number): void;
  /** @param shown to be called when the bytes are on the screen, so that more may come */
  output(bytes: Uint8Array, shown: () => void): void;
  /** What the server says of a frame that it did not take. */
  said(message: string): void;
  state(state: ConnectionState): void;
}

/**
 * The client side of a terminal: bytes both ways over the binary subprotocol, an acknowledgement for everything that
 * was shown, and a new connection when the old one breaks, for as long as the session is kept.
 */
export class TerminalConnection {
  #socket: WebSocket | undefined;
  #attempts = 0;
  #lostAt = 0;
  #size: { cols: number; rows: number } | undefined;
  /** The session takes input: it has said so on this connection. */
  #ready = false;
  /** What was typed while there was no connection. */
  #unsent: Uint8Array<ArrayBuffer>[] = [];
  #farewell = '';
  #closed = false;
  #retry: number | undefined;
  readonly #nextUrl: () => Promise<string>;
  readonly #isFinal: (error: unknown) => boolean;
  readonly #events: ConnectionEvents;

  /**
   * @param nextUrl where to connect to, asked for each connection: it may be good for one only
   * @param isFinal whether after this error of `nextUrl` nothing is to be had by asking again
   */
  constructor(
    nextUrl: () => Promise<string>,
    isFinal: (error: unknown) => boolean,
    events: ConnectionEvents,
  ) {
    this.#nextUrl = nextUrl;
    this.#isFinal = isFinal;
    this.#events = events;
    void this.#connect();
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

  /** Connects now, whatever was given up before. */
  reconnect(): void {
    window.clearTimeout(this.#retry);
    this.#closed = false;
    this.#attempts = 0;
    this.#lostAt = 0;
    void this.#connect();
  }

  /** Leaves the session as it is. */
  close(): void {
    this.#closed = true;
    window.clearTimeout(this.#retry);
    this.#socket?.close();
  }

  async #connect(): Promise<void> {
    this.#events.state({ kind: 'connecting' });
    let url: string;
    try {
      url = await this.#nextUrl();
    } catch (error) {
      if (error instanceof Error && this.#isFinal(error)) this.#farewell = error.message;
      this.#lost(this.#isFinal(error));
      return;
    }
    if (this.#closed) return;
    const socket = new WebSocket(url, subprotocol);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    socket.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (typeof data === 'string') this.#heed(JSON.parse(data));
      else this.#show(socket, new Uint8Array(data));
    });
    socket.addEventListener('close', ({ code }) => {
      if (this.#socket === socket) this.#lost(finalCodes.has(code), code === takenOver);
    });
  }

  #show(socket: WebSocket, bytes: Uint8Array): void {
    this.#events.output(bytes, () => {
      const ack = JSON.stringify({ type: 'ack', bytes: bytes.length });
      if (socket.readyState === WebSocket.OPEN) socket.send(ack);
    });
  }

  #heed(frame: TerminalServerFrame): void {
    if (frame.type === 'ready') {
      this.#attempts = 0;
      this.#lostAt = 0;
      this.#ready = true;
      this.#events.ready(frame.replay_bytes);
      this.#events.state({ kind: 'open' });
      if (this.#size !== undefined) this.#say({ type: 'resize', ...this.#size });
      for (const bytes of this.#unsent.splice(0)) this.type(bytes);
    } else if (frame.type === 'exit') this.#farewell = frame.message;
    else if (frame.type === 'error') this.#events.said(frame.message);
  }

  #lost(isOver: boolean, isElsewhere = false): void {
    this.#ready = false;
    if (this.#closed) return;
    if (this.#lostAt === 0) this.#lostAt = Date.now();
    const until = this.#lostAt + keptMs;
    if (isOver || isElsewhere || Date.now() > until) {
      this.#closed = true;
      const message = this.#farewell;
      this.#events.state(isOver ? { kind: 'over', message } : { kind: 'paused', message });
      return;
    }
    this.#attempts += 1;
    const waitMs = Math.min(longestWaitMs, 250 * 2 ** this.#attempts);
    this.#events.state({ kind: 'lost', nextAt: Date.now() + waitMs, until });
    this.#retry = window.setTimeout(() => void this.#connect(), waitMs);
  }

  #say(frame: { type: 'resize'; cols: number; rows: number }): void {
    if (this.#ready) this.#socket?.send(JSON.stringify(frame));
  }
}
