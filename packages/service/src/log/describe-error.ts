/** What a log says of an error; its other fields may hold anything, secrets too. */
export interface DescribedError {
  type: string;
  message: string;
  code?: string | number;
  stack?: string;
  cause?: DescribedError;
  /** Of an AggregateError, which says nothing by itself. */
  errors?: DescribedError[];
}

/** How many causes deep; a chain that bites its own tail ends here too. */
const maxDepth = 5;
/** How many of those that failed together. */
const maxErrors = 5;

/** Picks from an error, and from what caused it, what tells why it happened, and nothing of what it happened to. */
export function describeError(error: unknown, depth = 1): DescribedError {
  if (typeof error !== 'object' || error === null || !('message' in error)) {
    return { type: typeof error, message: typeof error === 'string' ? error : 'something that is no error' };
  }
  const code = 'code' in error ? error.code : undefined;
  return {
    type: 'name' in error ? String(error.name) : 'Error',
    message: String(error.message),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...('stack' in error && typeof error.stack === 'string' ? { stack: error.stack } : {}),
    ...('cause' in error && error.cause !== undefined && depth < maxDepth
      ? { cause: describeError(error.cause, depth + 1) }
      : {}),
    ...(error instanceof AggregateError && depth < maxDepth
      ? { errors: error.errors.slice(0, maxErrors).map((one: unknown) => describeError(one, depth + 1)) }
      : {}),
  };
}
