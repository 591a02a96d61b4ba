import type { Request, RequestHandler } from 'express';
import { ProblemError } from './problem-error.js';

/**
 * Refuses a request whose body was announced and did not come. A parser of express leaves out the body of a client
 * that has gone meanwhile, and continues as if there had been none: half a word must not be taken for an answer.
 */
export function wholeBody(parse: RequestHandler): RequestHandler {
  return (req, res, next) => {
    void parse(req, res, (error?: unknown) => {
      if (brokeOff(error)) next(cutOff(error));
      else if (error !== undefined) next(error);
      else if (announcesBody(req) && req.body === undefined) next(cutOff());
      else next();
    });
  };
}

/** Whether the headers say that a body follows. */
export function announcesBody({ headers }: Pick<Request, 'headers'>): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** What the parser says of a client that left while it was reading: no fault of ours, nor of a store. */
function brokeOff(error: unknown): boolean {
  return error instanceof Error && 'type' in error && error.type === 'request.aborted';
}

function cutOff(cause?: unknown): ProblemError {
  return new ProblemError('malformed_request', {
    detail: 'The connection was closed before the body had been read. Send the request again.',
    cause,
  });
}
