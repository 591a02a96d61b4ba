import { ProblemAnswer, type Session, accountsApi, createClient } from '@cloudemy/contracts';
import type { Stored } from './cookies.js';

/** Milliseconds before its end at which an access token is exchanged. */
const earlyMs = 30_000;
/** Milliseconds for which requests that came with the old cookie are given the new session. */
const rememberedMs = 60_000;
/** Exchanges that are remembered at a time. */
const mostRemembered = 10_000;

export const stored = (session: Session): Stored => ({
  access: session.access_token,
  expires: Date.now() + session.expires_in * 1_000,
  refresh: session.refresh_token,
  ends: Date.parse(session.session_expires_at),
});

/** Exchanges a refresh token; undefined when the session has ended. */
export type Renew = (refresh: string) => Promise<Stored | undefined>;

/** @throws ProblemAnswer, TypeError or TimeoutError when the backend cannot say */
export function byBackend(baseUrl: string): Renew {
  const backend = createClient(accountsApi, { baseUrl, timeoutMs: 10_000 });
  return async (refresh_token) => {
    try {
      return stored(await backend.refresh({ body: { refresh_token } }));
    } catch (error) {
      if (error instanceof ProblemAnswer && error.status < 500 && error.status !== 429) return undefined;
      throw error;
    }
  };
}

/** Keeps people signed in: exchanges their tokens before they end, once for all requests that come at a time. */
export class Sessions {
  readonly #exchanges = new Map<string, Promise<Stored | undefined>>();
  readonly #renew: Renew;

  constructor(renew: Renew) {
    this.#renew = renew;
  }

  /**
   * The session with an access token that is good for a while.
   *
   * @returns undefined when it has ended
   * @throws Error when whoever signs people in cannot say
   */
  async current(session: Stored): Promise<Stored | undefined> {
    const left = session.expires - Date.now();
    if (session.refresh === '') return left > 0 ? session : undefined;
    if (left > earlyMs) return session;
    const known = this.#exchanges.get(session.refresh);
    if (known !== undefined) return known;
    const exchange = this.#renew(session.refresh);
    this.#exchanges.set(session.refresh, exchange);
    if (this.#exchanges.size > mostRemembered) {
      for (const oldest of this.#exchanges.keys()) {
        this.#exchanges.delete(oldest);
        break;
      }
    }
    exchange.then(
      () => setTimeout(() => this.#exchanges.delete(session.refresh), rememberedMs).unref(),
      () => this.#exchanges.delete(session.refresh),
    );
    return exchange;
  }
}
