import { ProblemError } from '@cloudemy/service';

/** What was handed in cannot be taken, and why. */
export function refused(path: string, reason: string): ProblemError {
  return new ProblemError('invalid_request', {
    detail: `body ${path} ${reason}.`,
    errors: [{ in: 'body', path, reason }],
  });
}

/** It is more than is taken. */
export function tooLarge(path: string, reason: string): ProblemError {
  return new ProblemError('too_large', {
    detail: `The submission ${reason}.`,
    errors: [{ in: 'body', path, reason }],
  });
}

/** A name as it may stand in an answer: whatever somebody has put into it. */
export const named = (path: string): string =>
  JSON.stringify(path.length > 100 ? `${path.slice(0, 100).toWellFormed()}…` : path.toWellFormed());
