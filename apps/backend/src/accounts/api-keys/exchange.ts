import { invalidCredentials } from '@cloudemy/auth';
import type { AccessToken } from '@cloudemy/contracts';
import type { AccessTokens } from '../signing/access-tokens.js';
import type { ApiKeys } from './api-keys.js';

/** Gives short tokens for API keys, so that other services need not know keys. */
export class ApiKeyExchange {
  private readonly apiKeys: ApiKeys;
  private readonly tokens: AccessTokens;

  constructor(apiKeys: ApiKeys, tokens: AccessTokens) {
    this.apiKeys = apiKeys;
    this.tokens = tokens;
  }

  /** @throws ProblemError `unauthenticated` */
  async exchange(apiKey: string): Promise<AccessToken> {
    const actor = await this.apiKeys.check(apiKey);
    if (actor === undefined) throw invalidCredentials('is not valid');
    return this.tokens.sign(actor);
  }
}
