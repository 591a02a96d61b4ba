import { ProblemError } from '@cloudemy/service';
import type { RequestHandler } from 'express';

/**
 * A key that is silently not heeded would have a client believe that it may repeat a request. Here nothing is kept by
 * key: what is deployed is known by its names, and the same YAML again changes nothing.
 */
export const refuseIdempotencyKey: RequestHandler = (req, _res, next) => {
  if (req.method !== 'POST' || req.get('idempotency-key') === undefined) {
    next();
    return;
  }
  const reason =
    'is not taken here: leave it out. YAML that is sent again updates what it deployed, except objects with generateName; a terminal that was opened twice can be ended';
  throw new ProblemError('invalid_request', {
    detail: `Idempotency-Key ${reason}.`,
    errors: [{ in: 'header', path: 'idempotency-key', reason }],
  });
};
