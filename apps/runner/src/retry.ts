import { setTimeout as sleep } from 'node:timers/promises';

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
export async function withRetries<T>(call: () => Promise<T>, policy: RetryPolicy): Promise<T> {
  for (let tried = 0; ; tried += 1) {
    try {
      return await call();
    } catch (error) {
      const again = policy.retryable(error);
      if (again === undefined || tried >= policy.retries || again.afterMs > policy.maxWaitMs) throw error;
      const backoff = Math.min(policy.baseMs * (policy.factor ?? 2) ** tried, policy.maxWaitMs);
      // Jitter: runners that were refused together must not come back together.
      const waitMs = Math.max(again.afterMs, backoff * (0.5 + Math.random() / 2));
      policy.onRetry?.(error, waitMs);
      await pause(waitMs, policy.signal);
    }
  }
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
