import { type IncomingMessage, type Server, type ServerResponse, createServer, request } from 'node:http';
import { type Socket, connect } from 'node:net';
import type { ApiFault } from '../plan/catalogue.js';

/** Lists that are kept to be told again when they are stale. */
const keptLists = 20;

const refusals = {
  '429': [429, 'application/json', status(429, 'TooManyRequests')],
  '500': [500, 'application/json', status(500, 'InternalError')],
  '401': [401, 'application/json', status(401, 'Unauthorized')],
  html: [200, 'text/html', '<!doctype html><title>Please sign in</title><h1>Please sign in</h1>'],
} as const;

/** What stands before an API server that is out of sorts: a proxy that stalls, refuses, or tells what was true before. */
export class ApiProxy {
  fault: ApiFault | undefined;
  private readonly lists = new Map<string, Buffer>();
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;
  private readonly upstreamPort: () => number;

  private constructor(upstreamPort: () => number) {
    this.upstreamPort = upstreamPort;
    this.server = createServer((req, res) => this.answer(req, res));
    this.server.on('upgrade', (req: IncomingMessage, socket: Socket, head: Buffer) =>
      this.upgrade(req, socket, head),
    );
    this.server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
  }

  /** @param upstreamPort where the API server is found on loopback, which may change */
  static async open(upstreamPort: () => number): Promise<ApiProxy> {
    const proxy = new ApiProxy(upstreamPort);
    await new Promise<void>((resolve, reject) => {
      proxy.server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    return proxy;
  }

  get port(): number {
    const address = this.server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Connections that are open to it. */
  get connections(): number {
    return this.sockets.size;
  }

  /** Begins a fault; watches that are open end, as they do when a proxy is set up again. */
  begin(fault: ApiFault): void {
    this.fault = fault;
    this.endConnections();
  }

  /** All is well again; whoever was kept waiting is let go. */
  end(): void {
    this.fault = undefined;
    this.endConnections();
  }

  async close(): Promise<void> {
    this.endConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private endConnections(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  private answer(req: IncomingMessage, res: ServerResponse): void {
    const { fault } = this;
    if (fault === 'stall') {
      req.resume();
      return;
    }
    const kept = fault === 'stale list' ? this.lists.get(listOf(req) ?? '') : undefined;
    if (kept !== undefined) {
      res.writeHead(200, { 'content-type': 'application/json' }).end(kept);
      return;
    }
    if (fault !== undefined && fault !== 'stale list') {
      const [code, type, body] = refusals[fault];
      req.resume();
      res
        .writeHead(code, { 'content-type': type, ...(code === 429 ? { 'retry-after': '1' } : {}) })
        .end(body);
      return;
    }
    this.pass(req, res);
  }

  private pass(req: IncomingMessage, res: ServerResponse): void {
    const { method, url: path, headers } = req;
    const upstream = request({
      host: '127.0.0.1',
      port: this.upstreamPort(),
      method,
      path,
      headers,
      agent: false,
    });
    upstream.on('response', (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers);
      // A watch may say nothing for long: that it stands is to be known at once.
      res.flushHeaders();
      const list = listOf(req);
      if (list !== undefined && answer.statusCode === 200 && this.fault === undefined)
        this.keep(list, answer);
      answer.pipe(res);
      answer.once('error', () => res.destroy());
      answer.once('aborted', () => res.destroy());
    });
    // As a cut connection shows itself: what the services make of that is what is looked at.
    upstream.once('error', () => res.destroy());
    res.once('close', () => upstream.destroy());
    req.pipe(upstream);
  }

  private keep(list: string, answer: IncomingMessage): void {
    const chunks: Buffer[] = [];
    answer.on('data', (chunk: Buffer) => chunks.push(chunk));
    answer.once('end', () => {
      this.lists.delete(list);
      this.lists.set(list, Buffer.concat(chunks));
      const oldest = this.lists.keys().next().value;
      if (this.lists.size > keptLists && oldest !== undefined) this.lists.delete(oldest);
    });
  }

  private upgrade(req: IncomingMessage, client: Socket, head: Buffer): void {
    if (this.fault !== undefined) {
      client.destroy();
      return;
    }
    const upstream = connect(this.upstreamPort(), '127.0.0.1');
    const lines = req.rawHeaders.flatMap((name, index) =>
      index % 2 === 0 ? [`${name}: ${req.rawHeaders[index + 1] ?? ''}`] : [],
    );
    upstream.write(`${[`${req.method} ${req.url} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n`);
    upstream.write(head);
    client.pipe(upstream).pipe(client);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on('error', () => {});
      one.once('close', () => other.destroy());
    }
  }
}

/** What a list is of; undefined for everything else, watches too. */
function listOf({ method, url = '' }: IncomingMessage): string | undefined {
  const { pathname, searchParams } = new URL(url, 'http://api');
  const isList = method === 'GET' && /\/(jobs|pods)$/.test(pathname) && !searchParams.has('watch');
  return isList && !searchParams.has('continue')
    ? `${pathname}?${searchParams.get('labelSelector') ?? ''}`
    : undefined;
}

function status(code: number, reason: string): string {
  const message = `the proxy before the API server says ${code}`;
  return JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, code, message });
}
