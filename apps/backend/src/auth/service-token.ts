import { createHash, timingSafeEqual } from 'node:crypto';
import { ProblemError } from '@cloudemy/service';
import type { RequestHandler } from 'express';

/**
 * Lets only the other services in: `Authorization: Bearer <INTERNAL_SERVICE_TOKEN>`.
 *
 * @param previous still accepted while the token is being rotated
 */
export function requireServiceToken(token: string, previous?: string): RequestHandler {
  const expected = [token, ...(previous === undefined ? [] : [previous])].map(digest);
  return (req, _res, next) => {
    const given = /^Bearer (.+)$/i.exec(req.get('authorization') ?? '')?.[1];
    if (given === undefined || !isOneOf(expected, digest(given))) {
      throw new ProblemError('unauthenticated', {
        detail:
          'This call is for the services of Cloudemy. Send the INTERNAL_SERVICE_TOKEN as a bearer token.',
        headers: { 'WWW-Authenticate': 'Bearer' },
      });
    }
    next();
  };
}

/** Compares with every one, so that the time tells nothing. */
const isOneOf = (expected: readonly Buffer[], given: Buffer): boolean =>
  expected.map((one) => timingSafeEqual(one, given)).includes(true);

/** Of equal length whatever came, as the comparison in constant time needs it. */
const digest = (token: string): Buffer => createHash('sha256').update(token).digest();
