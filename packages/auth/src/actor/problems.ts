import type { Role } from '@cloudemy/contracts';
import { ProblemError } from '@cloudemy/service';

/** What every refusal of credentials begins with (RFC 6750, section 3). */
export const bearerRealm = 'Bearer realm="cloudemy"';

/** Nothing was shown that tells who asks (RFC 6750, section 3). */
export function notSignedIn(): ProblemError {
  return new ProblemError('unauthenticated', {
    detail: 'Sign in first: send an access token or an API key as `Authorization: Bearer …`.',
    headers: { 'WWW-Authenticate': bearerRealm },
  });
}

/**
 * What was shown is not valid.
 *
 * @param fault completes "The access token …"; tells nothing that helps to forge one
 */
export function invalidCredentials(fault: string, cause?: unknown): ProblemError {
  return new ProblemError('unauthenticated', {
    detail: `The access token or API key ${fault}. Sign in again.`,
    headers: { 'WWW-Authenticate': `${bearerRealm}, error="invalid_token", error_description="${fault}"` },
    cause,
  });
}

/** The roles may not do this, whoever has them. */
export function roleMissing(needed: readonly Role[]): ProblemError {
  return forbidden(`This takes one of these roles: ${needed.join(', ')}. An administrator can give them.`);
}

/** The API key was made for other things. */
export function keyTooNarrow(scope: string): ProblemError {
  const detail =
    scope === 'none'
      ? 'This is for people, not for API keys. Sign in with e-mail and password.'
      : `The API key is not good for this. Make one with the scope ${scope}.`;
  return forbidden(detail, scope);
}

export function forbidden(detail: string, scope?: string): ProblemError {
  const missing = scope === undefined || scope === 'none' ? '' : `, scope="${scope}"`;
  return new ProblemError('forbidden', {
    detail,
    headers: { 'WWW-Authenticate': `${bearerRealm}, error="insufficient_scope"${missing}` },
  });
}
