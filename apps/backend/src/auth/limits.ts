import { Limiter, type LimiterRedis, limitByAddress, limitByUser } from '@cloudemy/auth';
import type { RequestHandler } from 'express';
import { z } from 'zod';

const perMinute = z.coerce.number('must be a number').int().min(0);

/** Requests a minute; 0 means without limit. While authentication is off only what is set counts. */
export const limitEnv = {
  RATE_LIMIT_PER_USER: perMinute.optional(),
  /** Everybody behind one address together: a whole lecture hall may be. */
  RATE_LIMIT_PER_ADDRESS: perMinute.optional(),
};

const defaults = { perUser: 600, perAddress: 6_000 };

export interface LimitConfig {
  AUTH_MODE: 'off' | 'jwt';
  RATE_LIMIT_PER_USER?: number | undefined;
  RATE_LIMIT_PER_ADDRESS?: number | undefined;
}

/** The rate limits of the routes that users call, counted in Redis for all replicas together. */
export function rateLimits(
  config: LimitConfig,
  redis: LimiterRedis,
): { byAddress: RequestHandler[]; byUser: RequestHandler[] } {
  const otherwise = config.AUTH_MODE === 'off' ? { perUser: 0, perAddress: 0 } : defaults;
  const perAddress = config.RATE_LIMIT_PER_ADDRESS ?? otherwise.perAddress;
  const perUser = config.RATE_LIMIT_PER_USER ?? otherwise.perUser;
  return {
    byAddress: limited('address', perAddress, redis, limitByAddress),
    byUser: limited('user', perUser, redis, limitByUser),
  };
}

function limited(
  name: string,
  points: number,
  redis: LimiterRedis,
  by: (limiter: Limiter) => RequestHandler,
): RequestHandler[] {
  return points === 0 ? [] : [by(new Limiter({ name, points, seconds: 60 }, redis))];
}
