import type { ErrorRequestHandler, RequestHandler } from 'express';

/** An answer in OpenAI's error shape: `{error: {message, type, param, code}}`. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  readonly status: number;
  readonly details: { type: string; code?: string; param?: string; headers?: Record<string, string> };

  /** @param details `type` as OpenAI names it; `headers` are sent along (`retry-after`). */
  constructor(
    status: number,
    message: string,
    details: { type: string; code?: string; param?: string; headers?: Record<string, string> },
  ) {
    super(message);
    this.status = status;
    this.details = details;
  }

  body(): { error: { message: string; type: string; param: string | null; code: string | null } } {
    const { type, code = null, param = null } = this.details;
    return { error: { message: this.message, type, param, code } };
  }
}

/** A 400 about one parameter of the request. */
export function invalidRequest(message: string, param?: string, code?: string): ApiError {
  const details = { type: 'invalid_request_error', ...(param && { param }), ...(code && { code }) };
  return new ApiError(400, message, details);
}

/** Answers what no route took, the way OpenAI does. */
export const unknownUrl: RequestHandler = (request) => {
  const message = `Invalid URL (${request.method} ${request.path})`;
  throw new ApiError(404, message, { type: 'invalid_request_error' });
};

/** Turns every error, of a route or of the body parser, into an answer in OpenAI's shape. */
export function errorHandler(log: (line: string) => void): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const answer = asApiError(error);
    if (answer.status >= 500) log(`${answer.status} ${answer.message}`);
    response
      .status(answer.status)
      .set(answer.details.headers ?? {})
      .json(answer.body());
  };
}

function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  if (status === 413) {
    return new ApiError(413, 'The request body is larger than 4 MiB.', { type: 'invalid_request_error' });
  }
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return invalidRequest('We could not parse the JSON body of your request.');
  }
  const message = error instanceof Error ? error.message : 'unknown error';
  return new ApiError(500, message, { type: 'server_error' });
}
