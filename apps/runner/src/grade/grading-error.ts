import type { FailureCode } from '@cloudemy/contracts';

/** Grading ended without a grade, for a reason that the student is told. */
export class GradingError extends Error {
  override readonly name = 'GradingError';

  readonly code: FailureCode;

  /** @param message what happened, for the log; the student reads the sentence of the code. */
  constructor(code: FailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
