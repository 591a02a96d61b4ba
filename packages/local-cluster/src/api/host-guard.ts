import type { IncomingMessage } from 'node:http';
import { ApiError } from '../store/api-error.js';

const own = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * A web page must not drive the cluster: a name that resolves to loopback (DNS rebinding) carries a foreign
 * Host, and a script of a page an Origin.
 * @throws ApiError 403
 */
export function refuseBrowsers({ headers }: IncomingMessage): void {
  const host = (headers.host ?? '').replace(/:\d+$/, '');
  if (!own.has(host)) {
    throw new ApiError(403, 'Forbidden', `requests for host "${host}" are refused: use 127.0.0.1`, {});
  }
  if (headers.origin !== undefined) {
    throw new ApiError(
      403,
      'Forbidden',
      'requests with an Origin are refused: no page may drive a cluster',
      {},
    );
  }
}
