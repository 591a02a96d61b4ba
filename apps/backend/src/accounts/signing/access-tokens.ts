import { randomUUID } from 'node:crypto';
import { type Actor, accessTokenType } from '@cloudemy/auth';
import type { AccessToken } from '@cloudemy/contracts';
import { SignJWT } from 'jose';
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

  async sign({ userId, roles, keyScopes }: Omit<Actor, 'expiresAt'>): Promise<AccessToken> {
    const { issuer, audience, ttlSeconds } = this.options;
    const { kid, key } = await this.keys.current();
    const token = await new SignJWT({ roles, ...(keyScopes === undefined ? {} : { key_scopes: keyScopes }) })
      .setProtectedHeader({ alg: signingAlgorithm, kid, typ: accessTokenType })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject(userId)
      .setJti(randomUUID())
      .setIssuedAt()
      .setExpirationTime(new Date(Date.now() + ttlSeconds * 1_000))
      .sign(key);
    return { access_token: token, token_type: 'Bearer', expires_in: ttlSeconds };
  }
}
