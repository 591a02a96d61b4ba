import type { Actor } from '../actor/actor.js';
import type { ApiKeyCheck } from './authenticate.js';

/** Milliseconds that an answer about a key is believed: how long a revoked one may live on here. */
const rememberMs = 30_000;
const maxRemembered = 10_000;

/**
 * Remembers for half a minute who holds which key, so that not every request asks. Keys are kept as long as that
 * in memory and nowhere else; concurrent questions about one key are one.
 */
export function rememberApiKeys(check: ApiKeyCheck): ApiKeyCheck {
  const known = new Map<string, { until: number; actor: Promise<Actor | undefined> }>();
  return (apiKey) => {
    const now = Date.now();
    const found = known.get(apiKey);
    if (found !== undefined && found.until > now) return found.actor;
    if (known.size >= maxRemembered) known.clear();
    const actor = check(apiKey);
    known.set(apiKey, { until: now + rememberMs, actor });
    // A failure to ask is no answer.
    actor.catch(() => known.delete(apiKey));
    return actor;
  };
}
