import type { Agent as HttpAgent } from 'node:http';
import type { RequestOptions } from 'node:https';
import type { ConnectionOptions } from 'node:tls';
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';

const TLS_FIELDS = ['ca', 'cert', 'key', 'pfx', 'passphrase', 'servername', 'rejectUnauthorized'] as const;

export type TlsCredentials = Pick<ConnectionOptions, (typeof TLS_FIELDS)[number]>;

/** What one connection needs to be let in. */
export interface Credentials {
  headers: Record<string, string>;
  tls: TlsCredentials;
  /** For `ws`: knows the proxy, if the kubeconfig names one. */
  agent: HttpAgent | undefined;
}

/**
 * How long credentials are used before the kubeconfig's authenticators are asked again. Service account
 * tokens live an hour at least and are replaced at 80 % of that, so half a minute is never late.
 */
const CACHE_MS = 30_000;

/** The credentials of a kubeconfig: certificates, tokens, token files, exec plugins; renewed as they age. */
export class CredentialSource {
  #config: KubeConfig;
  #cached: { credentials: Promise<Credentials>; until: number } | undefined;

  private readonly load: () => KubeConfig;
  private readonly now: () => number;

  constructor(load: () => KubeConfig, initial: KubeConfig, now: () => number = () => performance.now()) {
    this.load = load;
    this.now = now;

    this.#config = initial;
  }

  /** Credentials to use now. Concurrent callers share one run of an exec plugin. */
  async current(): Promise<Credentials> {
    if (this.#cached !== undefined && this.now() < this.#cached.until) return this.#cached.credentials;
    const credentials = readCredentials(this.#config);
    const entry = { credentials, until: this.now() + CACHE_MS };
    this.#cached = entry;
    try {
      return await credentials;
    } catch (error) {
      if (this.#cached === entry) this.#cached = undefined;
      throw error;
    }
  }

  /** Forgets everything read so far, including what authenticators cached: the server said 401. */
  renew(): void {
    this.#config = this.load();
    this.#cached = undefined;
  }
}

async function readCredentials(config: KubeConfig): Promise<Credentials> {
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const headers: Record<string, string> = {};
  if (options.headers !== undefined && !Array.isArray(options.headers)) {
    for (const [name, value] of Object.entries(options.headers)) {
      if (value !== undefined) headers[name] = String(value).trim();
    }
  }
  if (typeof options.auth === 'string') {
    headers['Authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  }
  const tls: TlsCredentials = {};
  for (const field of TLS_FIELDS) {
    if (options[field] !== undefined) Object.assign(tls, { [field]: options[field] });
  }
  return { headers, tls, agent: options.agent instanceof Object ? options.agent : undefined };
}
