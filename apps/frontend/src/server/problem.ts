import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { problemMediaType } from '@cloudemy/contracts';
import type { ProblemError } from '@cloudemy/service';

/** The request's own id, or a new one: services behind use the same. */
export function requestIdOf(req: IncomingMessage): string {
  const given = req.headers['x-request-id'];
  if (typeof given === 'string' && /^[\w.-]{8,100}$/.test(given)) return given;
  const id = randomUUID();
  req.headers['x-request-id'] = id;
  return id;
}

/** Answers with an error; what is already under way is cut. */
export function answerProblem(req: IncomingMessage, res: ServerResponse, problem: ProblemError): void {
  if (res.headersSent) {
    res.destroy();
    return;
  }
  const id = requestIdOf(req);
  res.writeHead(problem.status, {
    'Content-Type': problemMediaType,
    'Cache-Control': 'no-store',
    'X-Request-Id': id,
    ...problem.headers,
  });
  res.end(JSON.stringify(problem.toProblem(id)));
}
