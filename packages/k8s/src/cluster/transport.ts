import type { Readable } from 'node:stream';
import type { IncomingHttpHeaders } from 'node:http';
import type { ClientOptions } from 'ws';
import type { ConnectionPool } from './connection-pool.js';
import type { CredentialSource } from './credentials.js';
import { Deadline, DeadlineError } from './deadline.js';
import { KubeConnectionError } from './errors.js';
import { type Exchanged, exchange } from './exchange.js';

export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

export interface RawRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute path on the server, already escaped. */
  path: string;
  query?: Query | undefined;
  contentType?: string | undefined;
  /** JSON when left out. */
  accept?: string | undefined;
  body?: string | Buffer | undefined;
  signal?: AbortSignal | undefined;
  /** Milliseconds for the whole request, or for a stream until it begins. */
  timeoutMs?: number | undefined;
}

export type RawAnswer = Exchanged;

export interface StreamAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  /** Destroy it, or abort the request's signal, to hang up. */
  body: Readable;
}

/** HTTP to one API server: credentials, the shared connections, time limits. Knows nothing of Kubernetes. */
export class Transport {
  readonly #origin: string;
  /** What comes before every path, where the API server is behind one. */
  readonly #prefix: string;

  readonly server: string;
  private readonly credentials: CredentialSource;
  private readonly pool: ConnectionPool;
  private readonly defaultTimeoutMs: number;

  constructor(server: string, credentials: CredentialSource, pool: ConnectionPool, defaultTimeoutMs: number) {
    this.server = server;
    this.credentials = credentials;
    this.pool = pool;
    this.defaultTimeoutMs = defaultTimeoutMs;

    const { origin, pathname } = new URL(server);
    this.#origin = origin;
    this.#prefix = pathname.replace(/\/$/, '');
  }

  /**
   * Sends a request and reads the whole answer, whatever its status.
   * @throws {KubeConnectionError} when none came; the signal's reason when it was aborted
   */
  async send(request: RawRequest): Promise<RawAnswer> {
    const deadline = new Deadline(request.timeoutMs ?? this.defaultTimeoutMs, request.signal);
    try {
      return await this.#authorized(() => this.#send(request, deadline.signal));
    } catch (error) {
      throw this.#explain(error, request);
    } finally {
      deadline.release();
    }
  }

  /**
   * Sends a request and hands over the body as it arrives. Silence is the reader's business: once the
   * headers are there, no time limit of ours applies.
   * @throws {KubeConnectionError} when no answer began; the signal's reason when it was aborted
   */
  async stream(request: RawRequest): Promise<StreamAnswer> {
    const deadline = new Deadline(request.timeoutMs ?? this.defaultTimeoutMs, request.signal);
    try {
      const { status, headers, body } = await this.#authorized(() => this.#open(request, deadline.signal));
      deadline.stopClock();
      body.once('close', () => deadline.release());
      // Hanging up makes undici emit an error, which would end the process where nobody reads any more.
      body.on('error', () => {});
      return { status, headers, body };
    } catch (error) {
      deadline.release();
      throw this.#explain(error, request);
    }
  }

  /** Where and how `ws` is to connect. */
  async webSocketTarget(path: string, query: Query): Promise<{ url: string; options: ClientOptions }> {
    const { headers, tls, agent } = await this.credentials.current();
    const url = `${this.server.replace(/^http/, 'ws')}${path}${toSearch(query)}`;
    return { url, options: { headers, ...tls, ...(agent === undefined ? {} : { agent }) } };
  }

  /** The server no longer accepts what we present: read tokens and certificates again. */
  renewCredentials(): void {
    this.credentials.renew();
  }

  async #authorized<T extends { status: number; discard?: () => Promise<void> }>(
    ask: () => Promise<T>,
  ): Promise<T> {
    const first = await ask();
    if (first.status !== 401) return first;
    // A 401 was refused before it had any effect: trying again with fresh credentials is safe for any method.
    await first.discard?.();
    this.renewCredentials();
    return ask();
  }

  async #send(request: RawRequest, signal: AbortSignal): Promise<RawAnswer> {
    const { dispatcher, options } = await this.#prepare(request);
    return exchange(dispatcher, options, signal);
  }

  async #open(request: RawRequest, signal: AbortSignal) {
    const { dispatcher, options } = await this.#prepare(request);
    const { statusCode: status, headers, body } = await dispatcher.request({ ...options, signal });
    return { status, headers, body, discard: () => body.dump() };
  }

  async #prepare(request: RawRequest) {
    const credentials = await this.credentials.current();
    const options = {
      origin: this.#origin,
      path: `${this.#prefix}${request.path}${toSearch(request.query ?? {})}`,
      method: request.method,
      headers: {
        ...credentials.headers,
        accept: request.accept ?? 'application/json',
        'user-agent': 'cloudemy',
        ...(request.body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
      },
      body: request.body ?? null,
      // Else undici gives up the connection after each DELETE that has a body, as ours do.
      reset: false,
      headersTimeout: 0,
      bodyTimeout: 0,
    };
    return { dispatcher: await this.pool.for(credentials), options };
  }

  #explain(error: unknown, request: RawRequest): unknown {
    if (request.signal?.aborted === true) return request.signal.reason;
    const what = `${request.method} ${request.path}`;
    if (error instanceof DeadlineError) {
      return new KubeConnectionError(this.server, true, `${what}: ${error.message}`, { cause: error });
    }
    return new KubeConnectionError(this.server, false, `${what}: ${rootMessage(error)}`, { cause: error });
  }
}

/** Aggregated connection errors (IPv4 and IPv6 tried) have an empty message of their own. */
function rootMessage(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return rootMessage(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}

function toSearch(query: Query): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    if (typeof value === 'object') for (const item of value) search.append(name, item);
    else search.append(name, String(value));
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}
