import { ProblemAnswer, accountsApi, createClient } from '@cloudemy/contracts';
import { ProblemError } from '@cloudemy/service';
import { z } from 'zod';
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
};

export interface RemoteAuthConfig extends AuthConfig {
  readonly AUTH_MODE: 'off' | 'jwt';
  readonly AUTH_BACKEND_URL: string;
}

const timeoutMs = 3_000;

/** Authentication in a service that leaves accounts and API keys to the backend. */
export function authenticateByBackend(config: RemoteAuthConfig): Authenticate {
  if (config.AUTH_MODE === 'off') return authenticateEveryone;
  const backendUrl = config.AUTH_BACKEND_URL.replace(/\/+$/, '');
  const options = verifyOptions(config, remoteKeys(`${backendUrl}/.well-known/jwks.json`));
  return authenticateByToken(options, exchangeApiKeys(backendUrl, options));
}

/** Asks the backend for a token that says what a key may; believes it for a moment. */
function exchangeApiKeys(backendUrl: string, options: VerifyOptions): ApiKeyCheck {
  const client = createClient(accountsApi, { baseUrl: backendUrl, timeoutMs });
  return rememberApiKeys(async (apiKey) => {
    try {
      const { access_token: token } = await client.exchangeApiKey({ body: { api_key: apiKey } });
      return await verifyAccessToken(token, options);
    } catch (cause) {
      if (cause instanceof ProblemAnswer && refusals.has(cause.status)) return undefined;
      throw new ProblemError('unavailable', {
        detail: 'The service that knows API keys does not answer at the moment. Try again shortly.',
        retryAfter: 2,
        cause,
      });
    }
  });
}

/** The key is not valid, or not even a key. */
const refusals = new Set([401, 422]);
