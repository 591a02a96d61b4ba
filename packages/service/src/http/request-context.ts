import { randomUUID } from 'node:crypto';
import { type Tracer, silentTracer } from '@cloudemy/tracing';
import type { Request, RequestHandler, Response } from 'express';
import { withLogContext } from '../log/context.js';
import { isProbe } from './probes.js';
import { routeOf } from './route-of.js';

const accepted = /^[\w.:-]{1,128}$/;
const traceparent = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * Takes the caller's `X-Request-Id` if it is harmless, else makes one; it stands in every log line and answer. And
 * begins the request's span: `Traceresponse` says where in which trace it is.
 * https://w3c.github.io/trace-context/#traceresponse-header
 */
export function requestContext(tracer: Tracer): RequestHandler {
  return (req, res, next) => {
    const given = req.get('x-request-id');
    const requestId = given !== undefined && accepted.test(given) ? given : randomUUID();
    res.setHeader('X-Request-Id', requestId);
    const span = (isProbe(req.path) ? silentTracer : tracer).start(req.method, {
      parent: parentOf(req),
      kind: 'server',
      attributes: { 'http.request.method': req.method, 'cloudemy.request_id': requestId },
    });
    if (span.traceparent !== undefined) res.setHeader('Traceresponse', span.traceparent);
    res.once('close', () => {
      const route = routeOf(req);
      span.rename(`${req.method} ${route}`);
      span.set({ 'http.route': route, 'http.response.status_code': res.statusCode });
      span.end(res.statusCode >= 500 ? new Error(`answered ${res.statusCode}`) : undefined);
    });
    const trace = traceparent.exec(span.traceparent ?? '')?.[1];
    withLogContext({ request_id: requestId, ...(trace === undefined ? {} : { trace_id: trace }) }, next);
  };
}

/** The last two digits say whether the caller records it: for us that is not the caller's to say. */
function parentOf(req: Request): string | undefined {
  const given = req.get('traceparent');
  return given !== undefined && traceparent.test(given) ? `${given.slice(0, -2)}01` : undefined;
}

/** The id given to the request this answers. */
export function requestIdOf(res: Response): string {
  return String(res.getHeader('X-Request-Id') ?? '');
}

/** The `traceparent` for whatever is done on behalf of the request this answers; undefined when nobody traces it. */
export function traceparentOf(res: Response): string | undefined {
  const value = res.getHeader('Traceresponse');
  return typeof value === 'string' ? value : undefined;
}
