import { createHash, timingSafeEqual } from 'node:crypto';
import { ProblemError } from '@cloudemy/service';
import { isIP } from 'node:net';
import type { Request, RequestHandler } from 'express';

/**
 * Lets only the other services in: `Authorization: Bearer <INTERNAL_SERVICE_TOKEN>`.
 *
 * @param previous still accepted while the token is being rotated
 */
export function requireServiceToken(token: string, previous?: string): RequestHandler {
  const isService = serviceCheck(token, previous);
  return (req, _res, next) => {
    if (!isService(req)) {
      throw new ProblemError('unauthenticated', {
        detail:
          'This call is for the services of Cloudemy. Send the INTERNAL_SERVICE_TOKEN as a bearer token.',
        headers: { 'WWW-Authenticate': 'Bearer' },
      });
    }
    next();
  };
}

/** Tells requests of the other services from those of anybody else. */
export function serviceCheck(token: string, previous?: string): (req: Request) => boolean {
  const expected = [token, ...(previous === undefined ? [] : [previous])].map(digest);
  return (req) => {
    const given = /^Bearer (.+)$/i.exec(req.get('authorization') ?? '')?.[1];
    return given !== undefined && isOneOf(expected, digest(given));
  };
}

/**
 * Believes a service what it says of the client it calls for: failures then count for the client, wherever the service
 * is, and whether or not it is trusted as a proxy.
 */
export function clientOfService(isService: (req: Request) => boolean): RequestHandler {
  return (req, _res, next) => {
    const client = req.get('x-forwarded-for')?.split(',').at(-1)?.trim();
    if (client !== undefined && isIP(client) !== 0 && isService(req)) {
      Object.defineProperty(req, 'ip', { value: client, configurable: true });
    }
    next();
  };
}

/** Compares with every one, so that the time tells nothing. */
const isOneOf = (expected: readonly Buffer[], given: Buffer): boolean =>
  expected.map((one) => timingSafeEqual(one, given)).includes(true);

/** Of equal length whatever came, as the comparison in constant time needs it. */
const digest = (token: string): Buffer => createHash('sha256').update(token).digest();
