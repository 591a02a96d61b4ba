import { z } from 'zod';
import type { JWTVerifyGetKey } from 'jose';
import { type RoleMapping, actorOfExternalClaims } from './claims.js';
import { type Issuer, remoteKeys } from './issuer.js';
import { IssuerUnavailable } from './issuer-unavailable.js';

export interface OidcOptions {
  /** Its URL, as it stands in `iss`. */
  issuer: string;
  audience: string;
  /** Where its keys are; found by discovery when left out. */
  jwksUrl?: string | undefined;
  mapping: RoleMapping;
  /** `typ` of its access tokens; `at+jwt` when left out. */
  type?: 'at+jwt' | 'JWT';
}

const Discovery = z.object({ issuer: z.string(), jwks_uri: z.url({ protocol: /^https?$/ }) });
const timeoutMs = 3_000;

/** An OpenID Connect provider that takes the backend's place as issuer. */
export function oidcIssuer({ issuer, audience, jwksUrl, mapping, type = 'at+jwt' }: OidcOptions): Issuer {
  return {
    name: issuer,
    audience,
    type,
    keys: jwksUrl === undefined ? discoveredKeys(issuer) : remoteKeys(jwksUrl),
    actorOf: (claims) => actorOfExternalClaims(claims, mapping),
  };
}

/** Finds the keys when the first token comes; an answer is kept, a failure is not. */
function discoveredKeys(issuer: string): JWTVerifyGetKey {
  let found: Promise<JWTVerifyGetKey> | undefined;
  return async (header, token) => {
    found ??= discover(issuer).then((url) => remoteKeys(url));
    try {
      return await (
        await found
      )(header, token);
    } catch (error) {
      if (error instanceof IssuerUnavailable) found = undefined;
      throw error;
    }
  };
}

/** https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig */
async function discover(issuer: string): Promise<string> {
  try {
    const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const answer = await fetch(url, { signal: AbortSignal.timeout(timeoutMs), redirect: 'error' });
    const { issuer: named, jwks_uri: keys } = Discovery.parse(await answer.json());
    if (named !== issuer) throw new Error(`it calls itself ${named}`);
    return keys;
  } catch (cause) {
    throw new IssuerUnavailable(`The configuration of ${issuer} cannot be read.`, { cause });
  }
}
