import { addressKey } from '../limits/address-key.js';
import { Limiter } from '../limits/limiter.js';
import { tooManyRequests } from '../limits/rate-limit.js';
import type { ApiKeyCheck } from './authenticate.js';

/** Keys a minute that one address may ask about without success: beyond it nobody is asked. */
const limit = { name: 'unknown-keys', points: 60, seconds: 60 };

/**
 * Counts keys that nobody has by the address they come from: whoever invents keys uses up what is theirs. A key counts
 * before it is asked about, so that many at once count too, and is given back when somebody has it.
 */
export function countUnknownKeys(check: ApiKeyCheck): ApiKeyCheck {
  const limiter = new Limiter(limit);
  return async (apiKey, address = '') => {
    const from = addressKey(address);
    const consumed = await limiter.consume(from);
    if (!consumed.allowed) throw tooManyRequests(limit, consumed);
    try {
      const actor = await check(apiKey, address);
      if (actor !== undefined) await limiter.giveBack(from);
      return actor;
    } catch (error) {
      // That nobody could be asked is not the fault of who asks.
      await limiter.giveBack(from);
      throw error;
    }
  };
}
