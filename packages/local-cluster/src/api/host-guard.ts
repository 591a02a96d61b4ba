import type { IncomingMessage } from 'node:http';
import { ApiError } from '../store/api-error.js';

const loopback = ['127.0.0.1', 'localhost', '[::1]'];

/** Throws an ApiError 403 for a request that a web page may have sent. */
export type HostGuard = (request: IncomingMessage) => void;

/**
 * A web page must not drive the cluster: a name that resolves to its address (DNS rebinding) carries a foreign
 * Host, and a script of a page an Origin.
 * @param name what the cluster is called by besides loopback
 */
export function refuseBrowsers(name: string | undefined): HostGuard {
  const own = new Set([...loopback, name]);
  return ({ headers }) => {
    const host = (headers.host ?? '').replace(/:\d+$/, '');
    if (!own.has(host)) {
      throw new ApiError(
        403,
        'Forbidden',
        `requests for host "${host}" are refused: use ${name ?? '127.0.0.1'}`,
        {},
      );
    }
    if (headers.origin !== undefined) {
      throw new ApiError(
        403,
        'Forbidden',
        'requests with an Origin are refused: no page may drive a cluster',
        {},
      );
    }
  };
}
