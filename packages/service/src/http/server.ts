import { type IncomingMessage, type Server, createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ConnectionLimits, limitConnections } from './connection-limits.js';
import { endUnreadAnswers } from './unread-answers.js';
import { answerUnreadable } from './unreadable.js';

/** The address a service was told to listen on cannot be had. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

export interface HttpServer {
  readonly server: Server;
  /** The port in use, also when 0 was asked for. */
  readonly port: number;
  /** Stops accepting, lets answers under way finish for `graceMs`, then cuts what is left. */
  close(graceMs: number): Promise<void>;
}

/** Who takes connections that change to another protocol, such as WebSocket. */
export interface Upgrades {
  /**
   * Whether this request is to be upgraded. One that is not is answered as if it had not asked: a client that
   * offers HTTP/2 gets its answer, a wrong handshake its error, by the same code as everybody else.
   */
  accepts(req: IncomingMessage): boolean;
  /** Takes the connection, which this server then knows no more: it must be ended before the server closes. */
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** What clients may take of a server before anything is known about them. */
export interface ServerLimits {
  readonly connections: ConnectionLimits;
  /** Milliseconds in which a request has to arrive. */
  readonly requestMs: number;
  /** Milliseconds in which some of an answer has to be read. */
  readonly unreadMs: number;
}

const defaultLimits: ServerLimits = {
  connections: { all: 5_000, perAddress: 1_000 },
  requestMs: 60_000,
  unreadMs: 60_000,
};

export interface ListenOptions {
  upgrades?: Upgrades;
  /** Those of `httpEnv` when left out. */
  limits?: ServerLimits;
  /** Whether connections from this address are a proxy's, which brings many clients; none when left out. */
  isProxy?: (address: string) => boolean;
}

/**
 * Listens for HTTP.
 *
 * @throws ListenError in words when the port is taken or not allowed.
 */
export async function listen(
  handler: RequestListener,
  host: string,
  port: number,
  { upgrades, limits = defaultLimits, isProxy = () => false }: ListenOptions = {},
): Promise<HttpServer> {
  const server = createServer({
    requestTimeout: limits.requestMs,
    headersTimeout: Math.min(20_000, limits.requestMs),
    keepAliveTimeout: 65_000,
    // What is wrong with it is said as a problem, by the origin guard.
    requireHostHeader: false,
    shouldUpgradeCallback: (req) => upgrades?.accepts(req) ?? false,
  });
  if (upgrades !== undefined) server.on('upgrade', upgrades.upgrade.bind(upgrades));
  limitConnections(server, limits.connections, isProxy);
  endUnreadAnswers(server, limits.unreadMs);
  server.on('clientError', answerUnreadable);
  // Node would answer 417 without a body; HTTP allows to disregard what is not known (RFC 9110, 10.1.1).
  server.on('checkExpectation', (req, res) => server.emit('request', req, res));
  let closing = false;
  server.on('request', (req, res) => {
    // Keep-alive clients would hold a closing server open: tell each with its next answer to go. And after a
    // request for an upgrade Node's parser waits for another protocol: the next request would never be read.
    if (closing || req.headers.upgrade !== undefined) res.setHeader('Connection', 'close');
    handler(req, res);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(new ListenError(inWords(cause, host, port), { cause }));
    });
    server.listen(port, host, resolve);
  });
  return {
    server,
    port: portOf(server.address()),
    async close(graceMs) {
      closing = true;
      const closed = new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
      server.closeIdleConnections();
      const cut = setTimeout(() => {
        server.closeAllConnections();
      }, graceMs);
      await closed;
      clearTimeout(cut);
    },
  };
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function inWords(cause: NodeJS.ErrnoException, host: string, port: number): string {
  switch (cause.code) {
    case 'EADDRINUSE':
      return `Port ${port} on ${host} is in use by another program. Stop that program or choose another PORT.`;
    case 'EACCES':
      return `Port ${port} may not be used without more rights. Choose a PORT above 1023.`;
    case 'EADDRNOTAVAIL':
      return `${host} is not an address of this machine. Choose another HOST.`;
    default:
      return `Cannot listen on ${host}:${port}: ${cause.message}`;
  }
}
