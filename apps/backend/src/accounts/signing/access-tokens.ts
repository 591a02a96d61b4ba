import { randomUUID } from 'node:crypto';
import { type AccessClaims, type Actor, accessTokenType } from '@cloudemy/auth';
import type { AccessToken } from '@cloudemy/contracts';
import { SignJWT } from 'jose';
import type { z } from 'zod';
import { type KeyRing, signingAlgorithm } from './key-ring.js';

export interface AccessTokenOptions {
  issuer: string;
  audience: string;
  ttlSeconds: number;
}

/** Signs the access tokens that every service takes (RFC 9068). */
export class AccessTokens {
  private readonly keys: KeyRing;
  private readonly options: AccessTokenOptions;

  constructor(keys: KeyRing, options: AccessTokenOptions) {
    this.keys = keys;
    this.options = options;
  }

  async sign({ userId, roles, keyScopes, apiKeyId, sessionId }: Actor): Promise<AccessToken> {
    const { issuer, audience, ttlSeconds } = this.options;
    const { kid, key } = await this.keys.current();
    const claims: z.input<typeof AccessClaims> = {
      sub: userId,
      exp: Math.floor(Date.now() / 1_000) + ttlSeconds,
      roles: [...roles],
      ...(keyScopes === undefined ? {} : { key_scopes: [...keyScopes] }),
      ...(apiKeyId === undefined ? {} : { key_id: apiKeyId }),
      ...(sessionId === undefined ? {} : { sid: sessionId }),
    };
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: signingAlgorithm, kid, typ: accessTokenType })
      .setIssuer(issuer)
      .setAudience(audience)
      .setJti(randomUUID())
      .setIssuedAt()
      .sign(key);
    return { access_token: token, token_type: 'Bearer', expires_in: ttlSeconds };
  }
}
