import { type Client, createClient, internalApi } from '@cloudemy/contracts';
import { plainFetch } from './plain-fetch.js';

export type InternalClient = Client<typeof internalApi>;

/** Milliseconds for one internal call: batches are answered in tens of them. */
const timeoutMs = 10_000;

/**
 * The backend's internal API, as one service to another.
 *
 * @param internalUrl as configured, ending in `/internal`, which the routes' own paths begin with too
 */
export function createInternalClient(internalUrl: string, serviceToken: string): InternalClient {
  return createClient(internalApi, {
    baseUrl: internalUrl.replace(/\/+$/, '').replace(/\/internal$/, ''),
    headers: { authorization: `Bearer ${serviceToken}` },
    timeoutMs,
    fetch: plainFetch(),
  });
}
