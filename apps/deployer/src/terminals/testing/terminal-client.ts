import { once } from 'node:events';
import { TerminalServerFrame, terminalSubprotocols } from '@cloudemy/contracts';
import { WebSocket } from 'ws';

/** Milliseconds after which what is awaited is taken never to come. */
const timeoutMs = 15_000;
const tailBytes = 8_192;

/** A client at a terminal that keeps everything it gets. */
export class TerminalClient {
  /** All but output. */
  readonly frames: TerminalServerFrame[] = [];
  /** How the connection closed. */
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #output: Buffer[] = [];
  /** The end of the output, which is where things are looked for. */
  #tail = Buffer.alloc(0);
  #changed: () => void = () => undefined;

  readonly socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.socket = socket;

    socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) this.#keep(data);
      else this.#take(TerminalServerFrame.parse(JSON.parse(data.toString())));
      this.#changed();
    });
    this.closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
        this.#changed();
      });
    });
  }

  static async connect(
    url: string,
    subprotocol?: keyof typeof terminalSubprotocols,
    origin?: string,
  ): Promise<TerminalClient> {
    const offered = subprotocol === undefined ? [] : [terminalSubprotocols[subprotocol]];
    const client = new TerminalClient(new WebSocket(url, offered, { ...(origin && { origin }) }));
    await once(client.socket, 'open');
    return client;
  }

  /** All terminal bytes so far, in one piece. */
  get bytes(): Buffer {
    return Buffer.concat(this.#output);
  }

  get byteCount(): number {
    return this.#output.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  send(frame: unknown): void {
    this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  type(text: string): void {
    this.send({ type: 'input', data: text });
  }

  /** Waits until this is in the last output, or is so. */
  async until(pattern: RegExp | string | (() => boolean)): Promise<void> {
    await this.#untilTrue(() => {
      if (typeof pattern === 'function') return pattern();
      const text = this.#tail.toString();
      return typeof pattern === 'string' ? text.includes(pattern) : pattern.test(text);
    });
  }

  async frame<T extends TerminalServerFrame['type']>(
    type: T,
  ): Promise<Extract<TerminalServerFrame, { type: T }>> {
    const is = (frame: TerminalServerFrame): frame is Extract<TerminalServerFrame, { type: T }> =>
      frame.type === type;
    await this.#untilTrue(() => this.frames.some(is));
    const found = this.frames.find(is);
    if (found === undefined) throw new Error(`no ${type} frame`);
    return found;
  }

  close(): void {
    this.socket.close();
  }

  #keep(chunk: Buffer): void {
    this.#output.push(chunk);
    this.#tail = Buffer.concat([this.#tail, chunk]).subarray(-tailBytes);
  }

  #take(frame: TerminalServerFrame): void {
    if (frame.type === 'output') this.#keep(Buffer.from(frame.data));
    else this.frames.push(frame);
  }

  async #untilTrue(condition: () => boolean): Promise<void> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#changed();
    }, timeoutMs);
    while (!condition()) {
      if (late || this.socket.readyState === WebSocket.CLOSED) {
        const got = JSON.stringify(this.#tail.toString().slice(-500));
        throw new Error(
          `${late ? 'too late' : 'closed'}; got: ${got} and ${JSON.stringify(this.frames.slice(-3))}`,
        );
      }
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
    clearTimeout(timer);
  }
}
