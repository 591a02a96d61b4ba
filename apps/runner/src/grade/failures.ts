import type { Failure, FailureCode } from '@cloudemy/contracts';

type GradingCode = Extract<
  FailureCode,
  | `llm_${string}`
  | 'deadline_exceeded'
  | 'evicted'
  | 'submission_unavailable'
  | 'runner_misconfigured'
  | 'internal_error'
>;

/** For every failure the runner can report: a sentence for the student, and whether trying again may help. */
const table: Record<GradingCode, Omit<Failure, 'code'>> = {
  llm_refused: {
    message: 'The grading model refused to grade this submission. Please ask your instructor to look at it.',
    retryable: false,
  },
  llm_content_filtered: {
    message:
      "The grading service's content filter stopped the grading. Please check the texts in your code, or ask your instructor.",
    retryable: false,
  },
  llm_rate_limited: {
    message:
      'The grading service is busy at the moment. Your code was not graded; try again in a few minutes.',
    retryable: true,
  },
  llm_quota_exhausted: {
    message:
      'The quota of the grading service is used up. Your instructor has to renew it; your code is not at fault.',
    retryable: false,
  },
  llm_auth_failed: {
    message: 'The grading service refused our key. An operator has to correct it; your code is not at fault.',
    retryable: false,
  },
  llm_timeout: {
    message: 'The grading service took too long to answer. Your code was not graded; try again later.',
    retryable: true,
  },
  llm_unavailable: {
    message:
      'The grading service cannot be reached or has an error. Your code was not graded; try again later.',
    retryable: true,
  },
  llm_invalid_answer: {
    message:
      'The grading model gave an answer that cannot be used as a grade. Your code is not at fault; try again.',
    retryable: true,
  },
  llm_request_rejected: {
    message:
      'The grading service does not accept the request for this submission. Please ask your instructor.',
    retryable: false,
  },
  deadline_exceeded: {
    message: 'The grading took longer than allowed and was stopped. Your code was not graded; try again.',
    retryable: true,
  },
  evicted: {
    message: 'The grading was stopped by the system before it was done. Your code was not graded; try again.',
    retryable: true,
  },
  submission_unavailable: {
    message: 'The grader could not read your submission. Please submit it again, or ask an operator.',
    retryable: false,
  },
  runner_misconfigured: {
    message: 'The grader is not set up correctly. An operator has to correct it; your code is not at fault.',
    retryable: false,
  },
  internal_error: {
    message: 'The grader ran into a fault of its own. Your code was not graded; try again.',
    retryable: true,
  },
};

/** The failure of a code, in words for the student. */
export const failureOf = (code: GradingCode): Failure => ({ code, ...table[code] });

/** Grading ended without a grade, for a reason that the student is told. */
export class GradingError extends Error {
  override readonly name = 'GradingError';

  readonly code: GradingCode;

  /** @param message what happened, for the log; the student reads the sentence of the code. */
  constructor(code: GradingCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
