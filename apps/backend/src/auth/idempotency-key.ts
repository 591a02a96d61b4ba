import type { RouteSpec } from '@cloudemy/contracts';
import { ProblemError } from '@cloudemy/service';
import type { RequestHandler } from 'express';

/**
 * A client that sends an `Idempotency-Key` relies on it: where a repeat would do the work a second time, it is told so
 * before anything is done.
 */
export function refuseIdempotencyKey({ method, path, headers }: RouteSpec): RequestHandler[] {
  if (method !== 'post' || headers?.shape['idempotency-key'] !== undefined) return [];
  return [
    (req, _res, next) => {
      if (req.get('idempotency-key') === undefined) {
        next();
        return;
      }
      const reason = `is not taken by POST ${path}: repeated, it would be done twice. Leave the header out`;
      throw new ProblemError('invalid_request', {
        detail: `header idempotency-key ${reason}.`,
        errors: [{ in: 'header', path: 'idempotency-key', reason }],
      });
    },
  ];
}
