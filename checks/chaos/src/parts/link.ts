import { type Server, type Socket, connect, createServer } from 'node:net';
import { Transform } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';

type State = { kind: 'open' } | { kind: 'cut' } | { kind: 'delay'; ms: number } | { kind: 'silence' };

/**
 * A TCP relay to one or several servers that can be cut, slowed and silenced. Connections go to the servers in
 * turn; one that refuses is passed over, as a load balancer does.
 */
export class Link {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private readonly targets = new Map<string, number>();
  private state: State = { kind: 'open' };
  private silenceOver = Promise.withResolvers<void>();
  private turn = 0;

  private readonly host: string;

  private constructor(host: string) {
    this.host = host;

    // Half-open: whoever has said all still gets its answer.
    this.server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      void this.accept(client);
    });
  }

  /** @param host the address to listen on; another than loopback for pods that run elsewhere */
  static async open(host: string): Promise<Link> {
    const link = new Link(host);
    await new Promise<void>((resolve, reject) => {
      link.server.once('error', reject).listen(0, link.host, resolve);
    });
    return link;
  }

  get port(): number {
    const address = this.server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /**
   * The server of this name is now found at this port of loopback.
   *
   * @param gone fulfilled when it is not any more: the port may then be anyone's
   */
  route(name: string, port: number, gone: Promise<unknown>): void {
    this.targets.set(name, port);
    void gone.then(() => {
      if (this.targets.get(name) === port) this.targets.delete(name);
    });
  }

  /** Ends every connection and refuses new ones. */
  cut(): void {
    this.state = { kind: 'cut' };
    for (const socket of this.sockets) socket.destroy();
  }

  /** Connections stay, and nothing comes through until `restore`. */
  silence(): void {
    this.silenceOver = Promise.withResolvers();
    this.state = { kind: 'silence' };
  }

  /** Whatever comes through takes so much longer, in milliseconds, either way. */
  delay(ms: number): void {
    this.state = { kind: 'delay', ms };
  }

  restore(): void {
    this.state = { kind: 'open' };
    this.silenceOver.resolve();
  }

  async close(): Promise<void> {
    this.cut();
    this.silenceOver.resolve();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async accept(client: Socket): Promise<void> {
    this.keep(client);
    await this.passage();
    const upstream = this.state.kind === 'cut' ? undefined : await this.reach();
    if (upstream === undefined || client.destroyed) {
      upstream?.destroy();
      client.destroy();
      return;
    }
    this.keep(upstream);
    client.once('close', () => upstream.destroy());
    upstream.once('close', () => client.destroy());
    client.pipe(this.gate()).pipe(upstream);
    upstream.pipe(this.gate()).pipe(client);
  }

  private keep(socket: Socket): void {
    this.sockets.add(socket);
    // The other side is told by `close`, which follows.
    socket.on('error', () => {});
    socket.once('close', () => this.sockets.delete(socket));
  }

  /** A connection to the first server, from the one whose turn it is, that takes one. */
  private async reach(): Promise<Socket | undefined> {
    const ports = [...this.targets.values()];
    this.turn += 1;
    for (const index of ports.keys()) {
      const socket = await tryConnect(ports[(this.turn + index) % ports.length] ?? 0);
      if (socket !== undefined) return socket;
    }
    return undefined;
  }

  /** Lets bytes through as the state of the link has it, and holds the sender back meanwhile. */
  private gate(): Transform {
    return new Transform({
      transform: (chunk, _encoding, done) => {
        if (this.state.kind === 'open') done(null, chunk);
        else void this.late(() => done(null, chunk));
      },
    });
  }

  private async late(pass: () => void): Promise<void> {
    await this.passage();
    pass();
  }

  private async passage(): Promise<void> {
    if (this.state.kind === 'silence') await this.silenceOver.promise;
    if (this.state.kind === 'delay') await wait(this.state.ms);
  }
}

function tryConnect(port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(undefined));
  });
}
