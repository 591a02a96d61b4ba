import { type Failure, type FailureCode, failure } from '@cloudemy/contracts';

/** Longest wait that is handed on, in seconds: an endpoint that asks for more has no idea either. */
const longestWait = 86_400;

interface Details extends ErrorOptions {
  /** Milliseconds that whoever tries again should wait. */
  retryAfterMs?: number;
  /** Where this case differs from what its code says. */
  retryable?: boolean;
}

/** Grading ended without a grade, for a reason that the student is told. */
export class GradingError extends Error {
  override readonly name = 'GradingError';
  readonly code: FailureCode;
  readonly retryAfterMs: number | undefined;
  readonly retryable: boolean | undefined;

  /** @param message what happened, for those who run the installation; the student reads the sentence of the code */
  constructor(code: FailureCode, message: string, { retryAfterMs, retryable, ...options }: Details = {}) {
    super(message, options);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
    this.retryable = retryable;
  }
}

/** What the backend is told of an error. A fault of the runner's own says nothing but that. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof GradingError)) return failure('internal_error');
  const { code, message, retryAfterMs, retryable } = error;
  return {
    ...failure(code, retryable === undefined ? {} : { retryable }),
    detail: message.slice(0, 1_000).toWellFormed(),
    ...(retryAfterMs === undefined
      ? {}
      : { retry_after_seconds: Math.min(longestWait, Math.ceil(retryAfterMs / 1_000)) }),
  };
}
