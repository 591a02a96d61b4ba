import type { Readable } from 'node:stream';
import type { IncomingHttpHeaders } from 'node:http';
import type { ClientOptions } from 'ws';
import type { ConnectionPool } from './connection-pool.js';
import type { CredentialSource } from './credentials.js';
import { Deadline, DeadlineError } from './deadline.js';
import { KubeConnectionError } from './errors.js';

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

export interface RawAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface StreamAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  /** Destroy it, or abort the request's signal, to hang up. */
  body: Readable;
}

/** HTTP to one API server: credentials, the shared connections, time limits. Knows nothing of Kubernetes. */
export class Transport {
  constructor(
    readonly server: string,
    private readonly credentials: CredentialSource,
    private readonly pool: ConnectionPool,
    private readonly defaultTimeoutMs: number,
  ) {}

  /**
   * Sends a request and reads the whole answer, whatever its status.
   * @throws {KubeConnectionError} when none came; the signal's reason when it was aborted
   */
  async send(request: RawRequest): Promise<RawAnswer> {
    const deadline = new Deadline(request.timeoutMs ?? this.defaultTimeoutMs, request.signal);
    try {
      const answer = await this.#authorized(request, deadline.signal);
      return { status: answer.status, headers: answer.headers, body: await answer.text() };
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
      const { status, headers, body } = await this.#authorized(request, deadline.signal);
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

  async #authorized(request: RawRequest, signal: AbortSignal) {
    const first = await this.#dispatch(request, signal);
    if (first.status !== 401) return first;
    // A 401 was refused before it had any effect: trying again with fresh credentials is safe for any method.
    await first.body.dump();
    this.renewCredentials();
    return this.#dispatch(request, signal);
  }

  async #dispatch(request: RawRequest, signal: AbortSignal) {
    const credentials = await this.credentials.current();
    const dispatcher = await this.pool.for(credentials);
    const { origin, pathname } = new URL(this.server);
    const answer = await dispatcher.request({
      origin,
      path: `${pathname.replace(/\/$/, '')}${request.path}${toSearch(request.query ?? {})}`,
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
      signal,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    return {
      status: answer.statusCode,
      headers: answer.headers,
      body: answer.body,
      text: () => answer.body.text(),
    };
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
