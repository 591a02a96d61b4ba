import { backoffMs, retry } from '@cloudemy/async';
import { KubeApiError, KubeConnectionError } from './errors.js';

const ATTEMPTS = 4;
const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 5_000;

/**
 * Runs a read again while the server is overloaded, restarting or out of reach for a moment. Only for
 * requests that change nothing: whether a write without an answer took effect is not known here.
 */
export function retryRead<T>(signal: AbortSignal | undefined, run: () => Promise<T>): Promise<T> {
  return retry(run, {
    delayMs: (error, attempt) =>
      attempt === ATTEMPTS || !isPassing(error) ? undefined : delayMs(attempt, error),
    signal,
  });
}

function isPassing(error: unknown): boolean {
  if (error instanceof KubeConnectionError) return !error.timedOut;
  return error instanceof KubeApiError && (error.status === 429 || error.status >= 500);
}

function delayMs(attempt: number, error: unknown): number {
  const asked = error instanceof KubeApiError ? error.retryAfter : undefined;
  if (asked !== undefined) return Math.min(asked * 1000, MAX_DELAY_MS);
  return backoffMs(attempt, { firstMs: FIRST_DELAY_MS, maxMs: MAX_DELAY_MS });
}
