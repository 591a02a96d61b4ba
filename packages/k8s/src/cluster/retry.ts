import { setTimeout as sleep } from 'node:timers/promises';
import { KubeApiError, KubeConnectionError } from './errors.js';

const ATTEMPTS = 4;
const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 5_000;

/**
 * Runs a read again while the server is overloaded, restarting or out of reach for a moment. Only for
 * requests that change nothing: whether a write without an answer took effect is not known here.
 */
export async function retryRead<T>(signal: AbortSignal | undefined, run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (attempt === ATTEMPTS || !isPassing(error)) throw error;
      await sleep(delayMs(attempt, error), undefined, signal === undefined ? {} : { signal });
    }
  }
}

function isPassing(error: unknown): boolean {
  if (error instanceof KubeConnectionError) return !error.timedOut;
  return error instanceof KubeApiError && (error.status === 429 || error.status >= 500);
}

function delayMs(attempt: number, error: unknown): number {
  const asked = error instanceof KubeApiError ? error.retryAfter : undefined;
  if (asked !== undefined) return Math.min(asked * 1000, MAX_DELAY_MS);
  return backoffMs(attempt, FIRST_DELAY_MS, MAX_DELAY_MS);
}

/** Doubles per attempt (1, 2, …) up to a limit; half of it at random, so that clients do not come in step. */
export function backoffMs(attempt: number, firstMs: number, maxMs: number): number {
  const full = Math.min(maxMs, firstMs * 2 ** (attempt - 1));
  return full / 2 + Math.random() * (full / 2);
}
