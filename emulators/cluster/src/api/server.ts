import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Log } from '../log.js';
import { ApiError } from '../store/api-error.js';
import type { Representation } from './accept.js';
import { negotiate } from './accept.js';
import type { Tokens } from './auth/tokens.js';
import { Exchange, sendStatus } from './exchange.js';
import type { HostGuard } from './host-guard.js';
import { parseRequest } from './request-info.js';
import type { Router } from './router.js';

/** Takes over connections that want to speak WebSocket. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export interface ApiServerParts {
  tokens: Tokens;
  router: Router;
  upgrade: UpgradeHandler;
  guard: HostGuard;
  log: Log;
}

/** What went wrong, as a Status; anything unforeseen is logged and becomes a 500. */
export function toApiError(error: unknown, log: Log, what: string): ApiError {
  if (error instanceof ApiError) {
    return error;
  }
  log('error', `${what} failed`, error);
  const why = error instanceof Error ? error.message : String(error);
  return new ApiError(500, 'InternalError', `Internal error occurred: ${why}`, {
    causes: [{ message: why }],
  });
}

/** Errors are JSON whatever the client would rather have; logs and execs ask for other types. */
function representationOf(request: IncomingMessage): Representation {
  return negotiate(request.headers.accept);
}

/** The HTTP side of the cluster. */
export class ApiServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private readonly parts: ApiServerParts;

  constructor(parts: ApiServerParts) {
    this.parts = parts;

    this.#server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      void this.#answer(request, response);
    });
    this.#server.on('connection', (socket) => {
      socket.setNoDelay(true);
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    this.#server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => socket.destroy());
      parts.upgrade(request, socket, head);
    });
    this.#server.on('clientError', (_error, socket) => {
      socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
    });
  }

  /** Resolves with the port; 0 takes a free one. */
  listen(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject);
        const address = this.#server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  }

  /** Ends every connection, idle or not. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => {
        resolve();
      });
      for (const socket of this.#sockets) {
        socket.destroySoon();
      }
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const head = request.method === 'HEAD';
    const { tokens, guard, log } = this.parts;
    const { url, admin } = tokens.unlock(request.url ?? '/');
    try {
      guard(request);
      const { authorization, 'impersonate-user': as, 'impersonate-group': groups } = request.headers;
      const user = tokens.impersonate(
        tokens.authenticate(authorization, admin),
        Array.isArray(as) ? as[0] : as,
        Array.isArray(groups) ? groups : (groups?.split(',').map((group) => group.trim()) ?? []),
      );
      const info = parseRequest(request.method ?? 'GET', url);
      const exchange = new Exchange(request, response, info, user, representationOf(request));
      await this.parts.router.route(exchange);
    } catch (error) {
      sendStatus(response, toApiError(error, log, `${request.method ?? ''} ${url}`), head);
    }
    // What is left of a body that nobody read would keep the connection from its next request.
    request.resume();
  }
}
