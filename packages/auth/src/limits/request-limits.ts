import type { Request, RequestHandler } from 'express';
import { z } from 'zod';
import { Limiter, type LimiterRedis } from './limiter.js';
import { limitByAddress, limitByUser } from './rate-limit.js';

const perMinute = z.coerce.number('must be a number').int().min(0);

/** Requests a minute; 0 means without limit. While authentication is off only what is set counts. */
export const limitEnv = {
  RATE_LIMIT_PER_USER: perMinute.optional(),
  /** Everybody behind one address together: a whole lecture hall may be. */
  RATE_LIMIT_PER_ADDRESS: perMinute.optional(),
};

const defaults = { perUser: 600, perAddress: 6_000 };

export interface LimitConfig {
  readonly AUTH_MODE: 'off' | 'jwt';
  readonly RATE_LIMIT_PER_USER?: number | undefined;
  readonly RATE_LIMIT_PER_ADDRESS?: number | undefined;
}

/** What counts the calls of users; undefined where there is no limit. */
export interface RequestLimiters {
  readonly perAddress: Limiter | undefined;
  readonly perUser: Limiter | undefined;
}

/**
 * The rate limits of the routes that users call.
 *
 * @param service whose calls they are: each service has a count of its own
 * @param redis counts for all replicas together; without it each process counts for itself
 */
export function requestLimiters(config: LimitConfig, service: string, redis?: LimiterRedis): RequestLimiters {
  const otherwise = config.AUTH_MODE === 'off' ? { perUser: 0, perAddress: 0 } : defaults;
  const perAddress = config.RATE_LIMIT_PER_ADDRESS ?? otherwise.perAddress;
  const perUser = config.RATE_LIMIT_PER_USER ?? otherwise.perUser;
  return {
    perAddress: minuteLimiter('address', perAddress, service, redis),
    perUser: minuteLimiter('user', perUser, service, redis),
  };
}

/** Counts in minutes; undefined for no limit. */
export const minuteLimiter = (
  name: string,
  points: number,
  service: string,
  redis?: LimiterRedis,
): Limiter | undefined =>
  points === 0 ? undefined : new Limiter({ name, points, seconds: 60 }, redis, `limit:${service}`);

/**
 * For the guard: the address counts before anything is known about who calls, then the user.
 *
 * @param exempt requests that no address counts for; none when left out
 */
export const limitRequests = (
  { perAddress, perUser }: RequestLimiters,
  exempt?: (req: Request) => boolean,
): { byAddress: RequestHandler[]; byUser: RequestHandler[] } => ({
  byAddress: perAddress === undefined ? [] : [limitByAddress(perAddress, exempt)],
  byUser: perUser === undefined ? [] : [limitByUser(perUser)],
});
