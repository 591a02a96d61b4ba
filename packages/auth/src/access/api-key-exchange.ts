import { LRUCache } from 'lru-cache';
import type { Actor } from '../actor/actor.js';
import type { ApiKeyCheck } from './authenticate.js';

/** Milliseconds that an answer about a key is believed: how long a revoked one may live on here. */
const believedMs = 3_000;
/** Milliseconds that it is believed while nobody can be asked: a restart of who knows keys refuses nobody. */
const outageMs = 30_000;
const maxRemembered = 10_000;

interface Answer {
  readonly at: number;
  readonly actor: Promise<Actor | undefined>;
}

/**
 * Remembers for a moment who holds which key, so that not every request asks. Keys are kept as long as that in
 * memory and nowhere else; concurrent questions about one key are one.
 *
 * @param now the clock; the machine's when left out
 */
export function rememberApiKeys(check: ApiKeyCheck, now: () => number = Date.now): ApiKeyCheck {
  // Invented keys push out what was not asked about for longest, not the keys in use.
  const known = new LRUCache<string, Answer>({ max: maxRemembered });
  return (apiKey, address) => {
    const at = now();
    const before = known.get(apiKey);
    if (before !== undefined && at - before.at < believedMs) return before.actor;
    const usable = before !== undefined && at - before.at < outageMs ? before : undefined;
    const actor = check(apiKey, address).catch((error: unknown) => {
      // A failure to ask is no answer: the next request asks again.
      if (usable === undefined) known.delete(apiKey);
      else known.set(apiKey, { ...usable });
      if (usable === undefined) throw error;
      return usable.actor;
    });
    known.set(apiKey, { at, actor });
    return actor;
  };
}
