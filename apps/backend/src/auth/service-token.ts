import { createHash, timingSafeEqual } from 'node:crypto';
import { ProblemError } from '@cloudemy/service';
import type { RequestHandler } from 'express';

/** Lets only the other services in: `Authorization: Bearer <INTERNAL_SERVICE_TOKEN>`. */
export function requireServiceToken(token: string): RequestHandler {
  const expected = digest(token);
  return (req, _res, next) => {
    const given = /^Bearer (.+)$/i.exec(req.get('authorization') ?? '')?.[1];
    if (given === undefined || !timingSafeEqual(digest(given), expected)) {
      throw new ProblemError('unauthenticated', {
        detail:
          'This call is for the services of Cloudemy. Send the INTERNAL_SERVICE_TOKEN as a bearer token.',
        headers: { 'WWW-Authenticate': 'Bearer' },
      });
    }
    next();
  };
}

/** Of equal length whatever came, as the comparison in constant time needs it. */
const digest = (token: string): Buffer => createHash('sha256').update(token).digest();
