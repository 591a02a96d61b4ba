import { setTimeout as sleep } from 'node:timers/promises';

export interface RetryOptions {
  /**
   * Milliseconds before the next attempt; undefined to give up.
   *
   * @param attempt that failed: 1, 2, …
   */
  delayMs: (error: unknown, attempt: number) => number | undefined;
  /** Ends a pause between two attempts. */
  signal?: AbortSignal | undefined;
}

/**
 * Runs until it succeeds or is given up.
 *
 * @throws the last error; the signal's reason when that ends a pause
 */
export async function retry<T>(run: () => Promise<T>, { delayMs, signal }: RetryOptions): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      const ms = delayMs(error, attempt);
      if (ms === undefined) throw error;
      await pause(ms, signal);
    }
  }
}

export interface Backoff {
  firstMs: number;
  maxMs: number;
  /** By how much each pause is longer than the one before; 2 when left out. */
  factor?: number | undefined;
}

/** Grows per attempt (1, 2, …) up to a limit; half of it at random, so that clients do not come back in step. */
export function backoffMs(attempt: number, { firstMs, maxMs, factor = 2 }: Backoff): number {
  const full = Math.min(maxMs, firstMs * factor ** (attempt - 1));
  return full * (0.5 + Math.random() / 2);
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
