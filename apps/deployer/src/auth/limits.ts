import {
  type LimitConfig,
  type Limiter,
  type LimiterRedis,
  limitByUser,
  limitEnv,
  limitRequests,
  minuteLimiter,
  requestLimiters,
} from '@cloudemy/auth';
import type { RequestHandler } from 'express';
import { z } from 'zod';

/** Variables about how much anybody may ask for. */
export const deployerLimitEnv = {
  ...limitEnv,
  /** Terminals opened, and tickets to them, a minute; 0 means without limit. */
  RATE_LIMIT_TERMINALS_PER_USER: limitEnv.RATE_LIMIT_PER_USER,
  /** Where all replicas count together; without it this process counts for itself. */
  REDIS_URL: z.url({ protocol: /^rediss?$/, error: 'must be a redis:// or rediss:// URL' }).optional(),
};

/** While authentication is off there is one user, on this machine: only what is set counts. */
const defaultTerminals = { off: 0, jwt: 60 } as const;

/** Each starts a process in a pod, or takes a place to do so. */
const opensTerminals = new Set(['openJobTerminal', 'createTerminal', 'createTerminalTicket']);

const service = 'deployer';

export interface DeployerLimits {
  /** By address, before anything is known about who calls. */
  first: RequestHandler[];
  /** By user, for an operation that the user was let in to. */
  admitted: (operationId: string) => RequestHandler[];
  /** By address, for WebSockets, which express does not see; undefined for no limit. */
  handshakes: Limiter | undefined;
}

/** The limits of the deployer: those of every service, and closer ones where a call costs the cluster more. */
export function deployerLimits(
  config: LimitConfig & { readonly RATE_LIMIT_TERMINALS_PER_USER?: number | undefined },
  redis?: LimiterRedis,
): DeployerLimits {
  const limiters = requestLimiters(config, service, redis);
  const { byAddress, byUser } = limitRequests(limiters);
  const points = config.RATE_LIMIT_TERMINALS_PER_USER ?? defaultTerminals[config.AUTH_MODE];
  const terminals = minuteLimiter('terminals', points, service, redis);
  const byTerminals = terminals === undefined ? [] : [limitByUser(terminals)];
  return {
    first: byAddress,
    admitted: (operationId) => [...byUser, ...(opensTerminals.has(operationId) ? byTerminals : [])],
    handshakes: limiters.perAddress,
  };
}
