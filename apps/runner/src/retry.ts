import { backoffMs, retry } from '@cloudemy/async';

export interface RetryPolicy {
  /** Tries after the first one. */
  retries: number;
  /** Milliseconds before the first retry; grows each time, with jitter. */
  baseMs: number;
  /** By how much it grows; doubles when left out. */
  factor?: number;
  /** No single wait is longer, in milliseconds; a server that asks for more is not waited for. */
  maxWaitMs: number;
  /** Whether trying again may help, and the least time in milliseconds to wait before. */
  retryable: (error: unknown) => { afterMs: number } | undefined;
  onRetry?: (error: unknown, waitMs: number) => void;
  signal?: AbortSignal;
}

/**
 * Calls until it succeeds, the error is not worth another try, or the tries are used up.
 * @throws the last error, or the reason of the signal when that ends a wait.
 */
export function withRetries<T>(call: () => Promise<T>, policy: RetryPolicy): Promise<T> {
  const { retries, baseMs, factor, maxWaitMs, retryable, onRetry, signal } = policy;
  return retry(call, {
    delayMs: (error, attempt) => {
      const again = retryable(error);
      if (again === undefined || attempt > retries || again.afterMs > maxWaitMs) return undefined;
      const backoff = backoffMs(attempt, { firstMs: baseMs, maxMs: maxWaitMs, factor });
      const waitMs = Math.max(again.afterMs, backoff);
      onRetry?.(error, waitMs);
      return waitMs;
    },
    signal,
  });
}
