import { request as plain } from 'node:http';
import { request as encrypted } from 'node:https';
import { type PrivateNetworks, allowedLookup, assertLiteralAllowed } from './addresses.js';

export interface PostOptions {
  headers: Readonly<Record<string, string>>;
  body: string;
  networks: PrivateNetworks;
  /** Milliseconds until a target that does not answer is left. */
  timeoutMs: number;
  signal: AbortSignal;
}

/**
 * Posts a message. Only the status of the answer counts: nothing else of it is read, and redirects are not followed.
 *
 * @returns the status
 * @throws AddressRefusedError, or why there was no answer
 */
export async function post(target: string, options: PostOptions): Promise<number> {
  const url = new URL(target);
  const isEncrypted = url.protocol === 'https:';
  assertLiteralAllowed(url, isEncrypted, options.networks);
  const limit = AbortSignal.timeout(options.timeoutMs);
  return new Promise((resolve, reject) => {
    const request = (isEncrypted ? encrypted : plain)(
      url,
      {
        method: 'POST',
        // No proxy of the environment, which would connect wherever it is told, and no connection of before.
        agent: false,
        lookup: allowedLookup(isEncrypted, options.networks),
        headers: {
          'Content-Type': 'application/json',
          'Content-Length': Buffer.byteLength(options.body),
          'User-Agent': 'Cloudemy-Webhooks',
          ...options.headers,
        },
        signal: AbortSignal.any([limit, options.signal]),
      },
      (response) => {
        resolve(response.statusCode ?? 0);
        response.destroy();
      },
    );
    request.on('error', (error) => {
      reject(limit.aborted ? new Error(`no answer within ${options.timeoutMs / 1_000} s`) : error);
    });
    request.end(options.body);
  });
}
