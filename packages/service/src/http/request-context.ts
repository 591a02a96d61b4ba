import { randomUUID } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import { withLogContext } from '../log/context.js';

const accepted = /^[\w.:-]{1,128}$/;
const traceId = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Takes the caller's `X-Request-Id` if it is harmless, else makes one; it goes on every log line and answer. */
export const requestContext: RequestHandler = (req, res, next) => {
  const given = req.get('x-request-id');
  const requestId = given !== undefined && accepted.test(given) ? given : randomUUID();
  res.setHeader('X-Request-Id', requestId);
  const trace = traceId.exec(req.get('traceparent') ?? '')?.[1];
  withLogContext({ request_id: requestId, ...(trace === undefined ? {} : { trace_id: trace }) }, next);
};

/** The id given to the request this answers. */
export function requestIdOf(res: Response): string {
  return String(res.getHeader('X-Request-Id') ?? '');
}
