import { ProblemError } from '@cloudemy/service';

/** Another request got there first. */
export function busy(what: string, cause?: unknown): ProblemError {
  return new ProblemError('conflict', { detail: `${what} Try again in a moment.`, retryAfter: 1, cause });
}
