import type { Fetch, FetchAnswer } from '@cloudemy/contracts';
import { Agent, request } from 'undici';

/** Milliseconds; well below the time after which the backend (65 s), or what is before it, hangs up. */
const keepAliveMs = 30_000;

/**
 * A `fetch` without web streams, redirects and caches: for small answers these cost more than the request, and a
 * submission waits for it.
 */
export function plainFetch(): Fetch {
  const dispatcher = new Agent({ keepAliveTimeout: keepAliveMs });
  return async (url, { method, headers, body = null, signal }) => {
    try {
      const answer = await request(url, { dispatcher, method, headers, body, signal });
      return answerOf(answer.statusCode, answer.headers, await answer.body.text());
    } catch (cause) {
      signal.throwIfAborted();
      throw new TypeError(`${method} ${url} failed`, { cause });
    }
  };
}

function answerOf(
  status: number,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  text: string,
): FetchAnswer {
  return {
    status,
    ok: status >= 200 && status < 300,
    headers: { get: (name) => headers[name.toLowerCase()]?.toString() ?? null },
    text: () => Promise.resolve(text),
  };
}
