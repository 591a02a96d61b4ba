import { randomUUID } from 'node:crypto';
import { STATUS_CODES, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { problemMediaType } from '@cloudemy/contracts';
import { ProblemError } from './problem-error.js';
import { problemText } from './problem-text.js';

/**
 * Answers what the HTTP parser could not read. There is no request then, only a connection, and it is closed:
 * where the next request would begin cannot be told.
 */
export function answerUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  // Node keeps the answer under way there and looks at it too when nobody listens for these errors.
  const answer = '_httpMessage' in socket ? socket._httpMessage : undefined;
  const underWay = answer instanceof ServerResponse && answer.headersSent && !answer.writableEnded;
  if (!socket.writable || underWay) {
    socket.destroy();
    return;
  }
  const problem = problemOf(error);
  const requestId = randomUUID();
  const body = problemText(problem.toProblem(requestId));
  socket.end(
    [
      `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
      `Content-Type: ${problemMediaType}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      `X-Request-Id: ${requestId}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}

/** By Node's codes: https://nodejs.org/api/http.html#event-clienterror */
function problemOf(cause: NodeJS.ErrnoException): ProblemError {
  switch (cause.code) {
    case 'HPE_HEADER_OVERFLOW':
      return new ProblemError('headers_too_large', {
        detail: 'The header with the path is larger than 16 KiB. Send less in it.',
        cause,
      });
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new ProblemError('request_timeout', {
        detail: 'The request did not arrive in time. Send it again, all of it.',
        cause,
      });
    default:
      return new ProblemError('malformed_request', {
        detail: 'This is not HTTP as this service reads it. Check the request line and the header.',
        cause,
      });
  }
}
