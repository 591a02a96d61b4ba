import { ProblemError } from '@cloudemy/service';
import type { Request, RequestHandler, Response } from 'express';
import { actorOf } from '../actor/actor.js';
import { addressKey } from './address-key.js';
import type { Consumed, Limit, Limiter } from './limiter.js';

/**
 * Counts requests by the address they come from, before anything is known about who makes them.
 *
 * @param exempt requests that do not count; none when left out
 */
export function limitByAddress(limiter: Limiter, exempt?: (req: Request) => boolean): RequestHandler {
  const limit = limitBy(limiter, (req) => addressKey(req.ip ?? ''));
  return (req, res, next) => (exempt?.(req) === true ? next() : limit(req, res, next));
}

/** Counts requests by the user who makes them; comes after the guard has let the user in. */
export const limitByUser = (limiter: Limiter): RequestHandler =>
  limitBy(limiter, (_req, res) => actorOf(res).userId);

function limitBy(limiter: Limiter, keyOf: (req: Request, res: Response) => string): RequestHandler {
  return async (req, res, next) => {
    const consumed = await limiter.consume(keyOf(req, res));
    for (const [name, value] of Object.entries(rateHeaders(limiter.limit, consumed))) res.append(name, value);
    if (!consumed.allowed) throw tooManyRequests(limiter.limit, consumed);
    next();
  };
}

/** https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-10 */
function rateHeaders({ name, points, seconds }: Limit, { remaining, resetSeconds }: Consumed) {
  return {
    'RateLimit-Policy': `"${name}";q=${points};w=${seconds}`,
    RateLimit: `"${name}";r=${remaining};t=${resetSeconds}`,
  };
}

/** Says when to come back. */
export function tooManyRequests(
  { points, seconds }: Limit,
  { resetSeconds }: Pick<Consumed, 'resetSeconds'>,
): ProblemError {
  return new ProblemError('rate_limited', {
    detail: `More than ${points} in ${seconds} s. Try again in ${resetSeconds} s.`,
    retryAfter: resetSeconds,
  });
}
