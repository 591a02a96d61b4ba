import { ProblemAnswer, accountsApi, createClient } from '@cloudemy/contracts';
import { ProblemError } from '@cloudemy/service';
import { z } from 'zod';
import { countUnknownKeys } from './access/unknown-keys.js';
import { rememberApiKeys } from './access/api-key-exchange.js';
import {
  type ApiKeyCheck,
  type Authenticate,
  authenticateByToken,
  authenticateEveryone,
} from './access/authenticate.js';
import { type AuthConfig, authEnv, verifyOptions } from './config.js';
import { remoteKeys } from './tokens/issuer.js';
import { type VerifyOptions, verifyAccessToken } from './tokens/verify.js';

/** Variables of a service other than the backend that is called by users. */
export const remoteAuthEnv = {
  ...authEnv,
  /** Where the backend's public keys are, and where it says what an API key is good for. */
  AUTH_BACKEND_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })
    .default('http://backend:8000'),
  /**
   * Shown to the backend: it then counts the addresses of clients that are named to it, not this service's. Without it
   * the backend has to trust this service as a proxy.
   */
  INTERNAL_SERVICE_TOKEN: z.string().min(16, 'must have at least 16 characters').optional(),
};

export interface RemoteAuthConfig extends AuthConfig {
  readonly AUTH_MODE: 'off' | 'jwt';
  readonly AUTH_BACKEND_URL: string;
  readonly INTERNAL_SERVICE_TOKEN?: string | undefined;
}

const timeoutMs = 3_000;

/**
 * The headers of a call to the backend: which service calls, and on behalf of whom.
 *
 * @param address of the client that the call is made for
 */
export function toBackend(
  { INTERNAL_SERVICE_TOKEN: token }: RemoteAuthConfig,
  address?: string,
): Record<string, string> {
  return {
    ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    ...(address === undefined ? {} : { 'X-Forwarded-For': address }),
  };
}

/** Authentication in a service that leaves accounts and API keys to the backend. */
export function authenticateByBackend(config: RemoteAuthConfig): Authenticate {
  if (config.AUTH_MODE === 'off') return authenticateEveryone;
  const backendUrl = config.AUTH_BACKEND_URL.replace(/\/+$/, '');
  const options = verifyOptions(config, remoteKeys(`${backendUrl}/.well-known/jwks.json`, toBackend(config)));
  return authenticateByToken(options, exchangeApiKeys(config, backendUrl, options));
}

/** Asks the backend for a token that says what a key may; believes it for a moment. */
function exchangeApiKeys(config: RemoteAuthConfig, backendUrl: string, options: VerifyOptions): ApiKeyCheck {
  const client = createClient(accountsApi, { baseUrl: backendUrl, timeoutMs });
  const exchange: ApiKeyCheck = async (apiKey, address) => {
    try {
      const { access_token: token } = await client.exchangeApiKey(
        { body: { api_key: apiKey } },
        { headers: toBackend(config, address) },
      );
      return await verifyAccessToken(token, options);
    } catch (cause) {
      if (cause instanceof ProblemAnswer && refusals.has(cause.status)) return undefined;
      throw new ProblemError('unavailable', {
        detail: 'The service that knows API keys does not answer at the moment. Try again shortly.',
        retryAfter: 2,
        cause,
      });
    }
  };
  return rememberApiKeys(countUnknownKeys(exchange));
}

/** The key is not valid, or not even a key. */
const refusals = new Set([401, 422]);
