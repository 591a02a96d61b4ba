import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';

/** A TCP relay that can be cut, to make a server go away for a while without losing its state. */
export class Relay {
  readonly #sockets = new Set<Socket>();
  #isCut = false;
  /** Bytes from the server that its client has not taken yet do not pass through here. */
  #passed = 0;

  private readonly server: Server;
  /** The server's own URL with the relay's port. */
  readonly url: string;

  private constructor(server: Server, url: string) {
    this.server = server;
    this.url = url;
  }

  static async before(targetUrl: string): Promise<Relay> {
    const target = new URL(targetUrl);
    const started: { relay?: Relay } = {};
    const server = createServer((client) => started.relay?.accept(client, target));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const own = new URL(targetUrl);
    own.port = String(portOf(server.address()));
    started.relay = new Relay(server, own.href.replace(/\/$/, ''));
    return started.relay;
  }

  /** Bytes that came from the server so far. */
  get passed(): number {
    return this.#passed;
  }

  /** Ends every connection and refuses new ones. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  restore(): void {
    this.#isCut = false;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private accept(client: Socket, target: URL): void {
    if (this.#isCut) {
      client.destroy();
      return;
    }
    const upstream = connect(Number(target.port), target.hostname);
    upstream.on('data', (bytes) => {
      this.#passed += bytes.length;
    });
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    client.pipe(upstream).pipe(client);
  }
}

const portOf = (address: AddressInfo | string | null): number =>
  typeof address === 'object' && address !== null ? address.port : 0;
