import type { JWTVerifyGetKey } from 'jose';
import { createRemoteJWKSet } from 'jose';
import type { Actor } from '../actor/actor.js';
import { actorOfBackendClaims } from './claims.js';

/** Somebody whose tokens are taken. */
export interface Issuer {
  /** The `iss` of its tokens, to the letter. */
  readonly name: string;
  /** One of a token's `aud` must be this. */
  readonly audience: string;
  /** The public key for a token's header. */
  readonly keys: JWTVerifyGetKey;
  /** `typ` of the header, where the issuer sets one that tells access tokens from others. */
  readonly type?: string;
  /** Throws when the claims are not as they should be. */
  readonly actorOf: (claims: unknown) => Actor;
}

/** Asymmetric only: a public key must never pass for a shared secret. */
export const algorithms = ['ES256', 'ES384', 'EdDSA', 'PS256', 'RS256'];

/** The media type of access tokens (RFC 9068): nothing else that is signed by the same keys passes for one. */
export const accessTokenType = 'at+jwt';

/** Milliseconds a set of keys is good for, and for one fetch of it. */
const cacheMaxAge = 600_000;
const timeoutDuration = 3_000;

/**
 * The keys at a URL: fetched when first needed, kept, fetched again when a token names one that is not there,
 * but not again and again for tokens that are made up.
 *
 * @param headers sent along
 * @param cooldownDuration milliseconds between two fetches for a key that is not there
 */
export const remoteKeys = (
  url: string,
  headers: Record<string, string> = {},
  cooldownDuration = 10_000,
): JWTVerifyGetKey =>
  createRemoteJWKSet(new URL(url), { headers, cacheMaxAge, cooldownDuration, timeoutDuration });

/** The backend as issuer. */
export const backendIssuer = (name: string, audience: string, keys: JWTVerifyGetKey): Issuer => ({
  name,
  audience,
  keys,
  type: accessTokenType,
  actorOf: actorOfBackendClaims,
});
