import { problemMediaType } from '@cloudemy/contracts';
import type { ErrorRequestHandler, RequestHandler } from 'express';
import type { Logger } from '../log/logger.js';
import { type Operation, operationOf } from './operation.js';
import { ProblemError } from './problem-error.js';
import { problemText } from './problem-text.js';
import { requestIdOf } from './request-context.js';

/** Turns what a library or a store throws into a problem; undefined for what it does not know. */
export type ErrorTranslator = (error: unknown) => ProblemError | undefined;

/** Is told of every problem that an operation was answered with. */
export type ProblemListener = (problem: ProblemError, operation: Operation) => void;

/** The one place where errors become answers. What nobody knows is a 500 that tells nothing of the inside. */
export function problemHandler(
  log: Logger,
  translators: readonly ErrorTranslator[],
  listener?: ProblemListener,
): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    const problem = toProblem(error, translators);
    const operation = operationOf(res);
    if (operation !== undefined) listener?.(problem, operation);
    if (problem.status >= 500) log.error({ err: error, path: req.path, method: req.method }, problem.message);
    if (res.headersSent) {
      // A stream is under way: all that can be said is that it did not end well.
      res.destroy();
      return;
    }
    if (res.writableEnded) {
      next();
      return;
    }
    res.status(problem.status).set(problem.headers).set('Content-Type', problemMediaType);
    res.send(problemText(problem.toProblem(requestIdOf(res))));
  };
}

/** For paths that no route takes. */
export const unknownPath: RequestHandler = (req) => {
  throw new ProblemError('not_found', {
    detail: `There is nothing at ${req.path.slice(0, 200)}. See /docs for what there is.`,
  });
};

function toProblem(error: unknown, translators: readonly ErrorTranslator[]): ProblemError {
  if (error instanceof ProblemError) return error;
  for (const translate of [...translators, fromBodyParser]) {
    const problem = translate(error);
    if (problem !== undefined) return problem;
  }
  return new ProblemError('internal_error', {
    detail: 'Something went wrong on our side. Try again; if it stays, report the request id.',
    cause: error,
  });
}

/** Errors of express and its body parser carry a `type` or a status. */
const fromBodyParser: ErrorTranslator = (error) => {
  if (!(error instanceof Error)) return undefined;
  const type = 'type' in error ? error.type : undefined;
  const status = 'status' in error ? error.status : undefined;
  switch (type) {
    case 'entity.parse.failed':
      return new ProblemError('malformed_json', {
        detail: `The body is not valid JSON: ${error.message}. Send one JSON object.`,
        cause: error,
      });
    case 'entity.too.large':
      return new ProblemError('too_large', {
        detail: `The body is larger than this service takes${'limit' in error ? ` (${String(error.limit)} bytes)` : ''}. Send less.`,
        headers: { Connection: 'close' },
        cause: error,
      });
    case 'charset.unsupported':
    case 'encoding.unsupported':
      return new ProblemError('unsupported_media_type', {
        detail: 'Send the body as UTF-8, plain or with gzip, deflate or br.',
        cause: error,
      });
    default:
      return typeof status === 'number' && status >= 400 && status < 500
        ? new ProblemError('malformed_request', {
            detail: `The request cannot be read: ${error.message}.`,
            cause: error,
          })
        : undefined;
  }
};
