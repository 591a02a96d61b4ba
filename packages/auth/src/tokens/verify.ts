import { ProblemError } from '@cloudemy/service';
import { type JWTVerifyGetKey, decodeJwt, errors, jwtVerify } from 'jose';
import type { Actor } from '../actor/actor.js';
import { invalidCredentials } from '../actor/problems.js';
import { type Issuer, algorithms } from './issuer.js';
import { IssuerUnavailable } from './issuer-unavailable.js';

export interface VerifyOptions {
  issuers: readonly Issuer[];
  /** Seconds by which the clocks may differ. */
  clockTolerance: number;
}

/** An access token is not larger; what is, is not looked at. */
const maxTokenLength = 8_192;

/**
 * Who an access token speaks for.
 *
 * @throws ProblemError `unauthenticated` saying what is wrong with it; `unavailable` when its issuer's keys
 *   cannot be had
 */
export async function verifyAccessToken(token: string, options: VerifyOptions): Promise<Actor> {
  const issuer = issuerOf(token, options.issuers);
  try {
    const { payload } = await jwtVerify(token, reachable(issuer.keys), {
      issuer: issuer.name,
      audience: issuer.audience,
      algorithms,
      clockTolerance: options.clockTolerance,
      requiredClaims: ['exp', 'sub'],
      ...(issuer.type === undefined ? {} : { typ: issuer.type }),
    });
    return issuer.actorOf(payload);
  } catch (cause) {
    if (cause instanceof IssuerUnavailable) throw unavailable(cause);
    throw invalidCredentials(cause instanceof errors.JWTExpired ? 'has expired' : 'is not valid', cause);
  }
}

/** The issuer a token names. That it is the one is checked with the signature. */
function issuerOf(token: string, issuers: readonly Issuer[]): Issuer {
  if (token.length > maxTokenLength) throw invalidCredentials('is not valid');
  try {
    const { iss } = decodeJwt(token);
    const found = issuers.find(({ name }) => name === iss);
    if (found !== undefined) return found;
  } catch (cause) {
    throw invalidCredentials('is not valid', cause);
  }
  throw invalidCredentials('is of an issuer that is not known here');
}

/** Tells keys that cannot be fetched from a key that is not there. */
function reachable(keys: JWTVerifyGetKey): JWTVerifyGetKey {
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (cause) {
      const isAnswer =
        cause instanceof errors.JWKSNoMatchingKey ||
        cause instanceof errors.JWKSMultipleMatchingKeys ||
        cause instanceof errors.JOSENotSupported ||
        cause instanceof IssuerUnavailable;
      if (isAnswer) throw cause;
      throw new IssuerUnavailable('The keys of an issuer cannot be fetched.', { cause });
    }
  };
}

function unavailable(cause: IssuerUnavailable): ProblemError {
  return new ProblemError('unavailable', {
    detail: 'The service that signs access tokens does not answer at the moment. Try again shortly.',
    retryAfter: 2,
    cause,
  });
}
