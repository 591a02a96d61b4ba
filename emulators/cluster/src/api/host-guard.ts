import type { IncomingMessage } from 'node:http';
import { ApiError } from '../store/api-error.js';

const loopback = ['127.0.0.1', 'localhost', '[::1]'];

/** Throws an ApiError 403 for a request that a web page may have sent. */
export type HostGuard = (request: IncomingMessage) => void;

/**
 * A web page must not drive the cluster: a name that resolves to its address (DNS rebinding) carries a foreign
 * Host, and a script of a page a foreign Origin. Our own is what some clients send with a WebSocket (that of Python
 * does); a page cannot have it, for there is none here.
 * @param name what the cluster is called by besides loopback
 */
export function refuseBrowsers(name: string | undefined): HostGuard {
  const own = new Set([...loopback, name]);
  return ({ headers }) => {
    const { host: address = '', origin } = headers;
    const host = address.replace(/:\d+$/, '');
    if (!own.has(host)) {
      throw new ApiError(
        403,
        'Forbidden',
        `requests for host "${host}" are refused: use ${name ?? '127.0.0.1'}`,
        {},
      );
    }
    if (origin !== undefined && origin !== `http://${address}`) {
      throw new ApiError(
        403,
        'Forbidden',
        `requests from the origin "${origin}" are refused: no page may drive a cluster`,
        {},
      );
    }
  };
}
