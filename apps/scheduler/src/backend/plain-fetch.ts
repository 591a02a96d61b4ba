import type { Fetch, FetchAnswer } from '@cloudemy/contracts';
import { type Exchanged, exchange } from '@cloudemy/k8s';
import { Agent } from 'undici';

/** Milliseconds; well below the time after which the backend (65 s), or what is before it, hangs up. */
const keepAliveMs = 30_000;

/**
 * A `fetch` without streams, redirects and caches: for small answers these cost more than the request, and a
 * submission waits for it.
 */
export function plainFetch(): Fetch {
  const dispatcher = new Agent({ keepAliveTimeout: keepAliveMs });
  return async (url, { method, headers, body = null, signal }) => {
    try {
      const { origin, pathname, search } = new URL(url);
      const options = { origin, path: `${pathname}${search}`, method, headers, body };
      return answerOf(await exchange(dispatcher, options, signal));
    } catch (cause) {
      signal.throwIfAborted();
      throw new TypeError(`${method} ${url} failed`, { cause });
    }
  };
}

function answerOf({ status, headers, body }: Exchanged): FetchAnswer {
  return {
    status,
    ok: status >= 200 && status < 300,
    headers: { get: (name) => headers[name.toLowerCase()]?.toString() ?? null },
    text: () => Promise.resolve(body),
  };
}
