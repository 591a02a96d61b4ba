/** Something took longer than the time it was given. It may still go on. */
export class TimeLimitError extends Error {
  override readonly name = 'TimeLimitError';
  constructor(what: string, ms: number) {
    super(`${what}: timed out after ${ms} ms`);
  }
}

/**
 * What some work comes to, if that is soon enough. For work that cannot be told to stop and may wait for ever, such as
 * commands to a Redis that is away.
 *
 * @param what names the work in the error
 * @throws TimeLimitError after `ms` milliseconds; before that what the work throws
 */
export async function within<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new TimeLimitError(what, ms)), ms);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
