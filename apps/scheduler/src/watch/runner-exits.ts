import type { FailureCode } from '@cloudemy/contracts';

/** What an end means to a submission. */
export interface Meaning {
  code: FailureCode;
  /** Whether another attempt may end better without anyone changing anything. */
  retryable: boolean;
}

/** Exit codes by which the runner itself says what stopped it; see its `exit-codes.ts`. */
export const runnerExits: Readonly<Record<number, Meaning & { sentence: string }>> = {
  69: {
    code: 'submission_unavailable',
    retryable: true,
    sentence: 'The grader could not load the submission',
  },
  70: { code: 'internal_error', retryable: true, sentence: 'The grader met a fault of its own' },
  75: { code: 'no_result', retryable: true, sentence: 'The grader could not deliver its result' },
  77: { code: 'runner_misconfigured', retryable: false, sentence: 'The grader was refused by the backend' },
  78: { code: 'runner_misconfigured', retryable: false, sentence: 'The grader is not set up rightly' },
};

/** Those after which the same Job would only end the same way again, in the order that Kubernetes wants. */
export const permanentExitCodes = Object.entries(runnerExits)
  .filter(([, { retryable }]) => !retryable)
  .map(([code]) => Number(code))
  .toSorted((a, b) => a - b);
