import {
  type Authenticate,
  type LimiterRedis,
  createGuard,
  limitRequests,
  requestLimiters,
} from '@cloudemy/auth';
import { backendAccess } from '@cloudemy/contracts';
import type { Guard } from '@cloudemy/service';
import type { RequestHandler } from 'express';
import { type ResultTokens, requireResultToken } from '../results/token.js';
import type { Stores } from '../stores.js';
import type { BackendConfig } from '../config.js';
import { ownershipOf } from './ownership.js';
import { withinScope } from './within-scope.js';
import { clientOfService, requireServiceToken, serviceCheck } from './service-token.js';

export interface BackendGuardParts {
  config: BackendConfig;
  stores: Stores;
  redis: LimiterRedis;
  tokens: ResultTokens;
  authenticate: Authenticate;
  /** Refuses requests while the database has never been reached. */
  requireDatabase: RequestHandler;
}

/** The guard of every route of the backend: rate limits, who it is, what they may, and on whose objects. */
export function createBackendGuard(parts: BackendGuardParts): Guard {
  const { config, stores, redis, tokens, authenticate } = parts;
  const isService = serviceCheck(config.INTERNAL_SERVICE_TOKEN, config.INTERNAL_SERVICE_TOKEN_PREVIOUS);
  // A service calls for many: it limits its own clients.
  const limits = limitRequests(requestLimiters(config, 'backend', redis), isService);
  const objects = ownershipOf(stores);
  return createGuard({
    table: backendAccess,
    authenticate,
    gates: {
      service: requireServiceToken(config.INTERNAL_SERVICE_TOKEN, config.INTERNAL_SERVICE_TOKEN_PREVIOUS),
      'result-token': requireResultToken(tokens),
    },
    first: [clientOfService(isService), ...limits.byAddress, parts.requireDatabase],
    admitted: (route, operationId, rule) => [
      ...limits.byUser,
      ...withinScope(route, operationId, rule, objects),
    ],
  });
}
