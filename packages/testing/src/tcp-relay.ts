import { type Server, type Socket, connect, createServer } from 'node:net';
import { portOf } from './ports.js';

/** A TCP relay that can be cut or silenced, to make a server go away for a while without losing its state. */
export class TcpRelay {
  private readonly sockets = new Set<Socket>();
  private cutOff = false;
  private silent = false;
  private passedBytes = 0;

  private readonly server: Server;
  /** The server's own URL with the relay's port. */
  readonly url: string;

  private constructor(server: Server, url: string) {
    this.server = server;
    this.url = url;
  }

  static async before(targetUrl: string): Promise<TcpRelay> {
    const target = new URL(targetUrl);
    const started: { relay?: TcpRelay } = {};
    const server = createServer((client) => started.relay?.accept(client, target));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const own = new URL(targetUrl);
    own.port = String(portOf(server));
    started.relay = new TcpRelay(server, own.href.replace(/\/$/, ''));
    return started.relay;
  }

  /** Bytes of answers so far. What the client has not taken does not pass. */
  get passed(): number {
    return this.passedBytes;
  }

  /** Ends every connection and refuses new ones. */
  cut(): void {
    this.cutOff = true;
    for (const socket of this.sockets) socket.destroy();
  }

  /** Connections stay, new ones are taken, and nothing comes through: a machine that vanished. */
  silence(): void {
    this.silent = true;
    for (const socket of this.sockets) socket.pause();
  }

  /** What was silenced is ended: a machine that comes back knows nothing of it. */
  restore(): void {
    this.cutOff = false;
    if (!this.silent) return;
    this.silent = false;
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private accept(client: Socket, target: URL): void {
    if (this.cutOff) {
      client.destroy();
      return;
    }
    const upstream = connect(Number(target.port), target.hostname);
    upstream.on('data', (bytes: Buffer) => {
      this.passedBytes += bytes.length;
    });
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.sockets.delete(socket);
        other.destroy();
      });
    }
    if (this.silent) {
      upstream.pause();
      return;
    }
    client.pipe(upstream).pipe(client);
  }
}
