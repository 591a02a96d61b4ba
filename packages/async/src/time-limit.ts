/** Something took longer than the time it was given. It may still go on. */
export class TimeLimitError extends Error {
  override readonly name = 'TimeLimitError';
  constructor(what: string, ms: number) {
    super(`${what}: timed out after ${ms} ms`);
  }
}

/**
 * The result of some work, if it comes in time. For work that cannot be told to stop and may wait for ever, such as
 * commands to a Redis that is away.
 *
 * @param what names the work in the error
 * @throws TimeLimitError after `ms` milliseconds; before that what the work throws
 */
export async function withTimeout<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new TimeLimitError(what, ms)), ms);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The result of some work; undefined after `ms` milliseconds, or when the signal aborts. The work continues.
 *
 * @throws what the work throws before that
 */
export async function resultWithin<T>(
  ms: number,
  work: Promise<T>,
  signal?: AbortSignal,
): Promise<T | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const giveUp = (): void => resolve(undefined);
  const timer = setTimeout(giveUp, ms);
  if (signal?.aborted === true) giveUp();
  signal?.addEventListener('abort', giveUp, { once: true });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
  }
}
