import { createHash } from 'node:crypto';
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { HttpMethod, RequestContext } from '@kubernetes/client-node/dist/gen/http/http.js';
import { Agent, type Dispatcher } from 'undici';
import type { Credentials } from './credentials.js';

/** Below the idle limit of common load balancers (60 s), so that we hang up first. */
const KEEP_ALIVE_MS = 45_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** A request may have been handed the old pool just before the new one came: it must still get through. */
const RETIREMENT_MS = 5_000;

interface Pool {
  /** The last credentials seen with this fingerprint: the quick way to recognise them. */
  credentials: Credentials;
  fingerprint: string;
  dispatcher: Promise<Dispatcher>;
}

/**
 * One keep-alive pool per set of TLS credentials, shared by every request. When certificates are rotated a
 * new pool takes over and the old one closes as its last request ends.
 */
export class ConnectionPool {
  #current: Pool | undefined;
  readonly #retired = new Set<Promise<Dispatcher>>();

  private readonly proxied: KubeConfig | undefined;

  /** @param proxied the configuration, when it leads through a proxy */
  constructor(proxied: KubeConfig | undefined) {
    this.proxied = proxied;
  }

  /** The dispatcher to send with. */
  async for(credentials: Credentials): Promise<Dispatcher> {
    const current = this.#current;
    if (current?.credentials === credentials) return current.dispatcher;
    const fingerprint = fingerprintOf(credentials);
    if (current?.fingerprint === fingerprint) {
      current.credentials = credentials;
      return current.dispatcher;
    }
    if (current !== undefined) this.#retire(current.dispatcher);
    const dispatcher = this.#open(credentials);
    this.#current = { credentials, fingerprint, dispatcher };
    return dispatcher;
  }

  /** Cuts every connection. */
  async close(): Promise<void> {
    const open = [...this.#retired, ...(this.#current === undefined ? [] : [this.#current.dispatcher])];
    this.#current = undefined;
    this.#retired.clear();
    await Promise.allSettled(open.map(async (dispatcher) => (await dispatcher).destroy()));
  }

  #retire(dispatcher: Promise<Dispatcher>): void {
    this.#retired.add(dispatcher);
    const close = async () => {
      if (!this.#retired.has(dispatcher)) return;
      await (await dispatcher).close();
      this.#retired.delete(dispatcher);
    };
    setTimeout(() => void close().catch(() => {}), RETIREMENT_MS).unref();
  }

  async #open(credentials: Credentials): Promise<Dispatcher> {
    if (this.proxied !== undefined) {
      const context = new RequestContext('http://placeholder', HttpMethod.GET);
      await this.proxied.applySecurityAuthentication(context);
      const dispatcher = context.getDispatcher();
      if (dispatcher !== undefined) return dispatcher;
    }
    return new Agent({
      connections: null,
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connect: { ...credentials.tls, timeout: CONNECT_TIMEOUT_MS, keepAlive: true },
    });
  }
}

function fingerprintOf({ tls }: Credentials): string {
  return createHash('sha256').update(JSON.stringify(tls)).digest('base64');
}
