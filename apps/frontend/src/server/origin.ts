import type { IncomingMessage } from 'node:http';
import { ProblemError, answeredHosts, refuseOrigin } from '@cloudemy/service';
import type { FrontendConfig } from './config.js';

const harmless = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Turns away what pages of others send in the name of somebody who is signed in here. */
export class OriginCheck {
  readonly #policy;

  constructor({ AUTH_MODE, PUBLIC_HOSTS, PUBLIC_URL }: FrontendConfig) {
    const own = PUBLIC_URL === undefined ? [] : [new URL(PUBLIC_URL)];
    this.#policy = {
      allowedOrigins: own.map(({ origin }) => origin),
      ...answeredHosts(AUTH_MODE, [...PUBLIC_HOSTS, ...own.map(({ hostname }) => hostname)]),
    };
  }

  /**
   * @param signedIn by a cookie, which browsers send along whoever asks
   * @throws ProblemError when a page of another origin asks, or it cannot be told which
   */
  assertOwn(req: IncomingMessage, signedIn: boolean): void {
    const { origin, host } = req.headers;
    if (host === undefined) {
      throw new ProblemError('malformed_request', { detail: 'The request has no Host header.' });
    }
    const isUpgrade = req.headers.upgrade !== undefined;
    const changes = isUpgrade || !harmless.has(req.method ?? '');
    const reason = refuseOrigin(this.#policy, { host, ...(changes ? { origin } : {}) });
    if (reason !== undefined) throw new ProblemError('foreign_origin', { detail: reason });
    if (changes && signedIn && origin === undefined && req.headers['sec-fetch-site'] !== 'same-origin') {
      throw new ProblemError('foreign_origin', {
        detail:
          'A request with a cookie that changes something must say in Origin which page sends it. Programs use an API key instead.',
      });
    }
  }
}
