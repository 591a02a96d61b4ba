import { ExitCode, ProblemAnswer, type ResultCallback } from '@cloudemy/contracts';
import { type BackendClient, retryAfter, spokeOtherwise, verdictOf } from '../backend.js';
import { type Logger, errorFields } from '../log.js';
import { withRetries } from '../retry.js';

export interface Delivery {
  submissionId: string;
  token: string;
  retries: number;
  backend: BackendClient;
  log: Logger;
  /**
   * Milliseconds before the first retry, and before each of the others. A grade is paid for: by default the retries
   * outlast a backend that is told to end, takes its time and starts again.
   */
  waits?: { firstMs: number; otherMs: number };
}

export const usualWaits = { firstMs: 2_000, otherMs: 30_000 };

/** Sends the result, again when that may help. Never throws: the exit code says what happened to it. */
export async function deliverResult(result: ResultCallback, delivery: Delivery): Promise<ExitCode> {
  const { backend, log, submissionId, token, waits: { firstMs, otherMs } = usualWaits } = delivery;
  try {
    const answer = await withRetries(
      () =>
        backend.deliverResult({
          params: { submission_id: submissionId },
          headers: { 'x-result-token': token },
          body: result,
        }),
      {
        retries: delivery.retries,
        baseMs: firstMs,
        factor: Math.max(1, otherMs / firstMs),
        maxWaitMs: Math.max(otherMs, firstMs),
        retryable: (error) => (spokeOtherwise(error) ? undefined : retryAfter(error)),
        onRetry: (error, waitMs) =>
          log.warn('the backend did not take the result; trying again', {
            wait_ms: Math.round(waitMs),
            ...errorFields(error),
          }),
      },
    );
    log.info('result delivered', { status: answer.status, score: answer.score });
    return ExitCode.done;
  } catch (error) {
    if (spokeOtherwise(error)) {
      // Only an answer of success is held to the contract: the result was taken.
      log.warn('result delivered; the answer of the backend is not as agreed');
      return ExitCode.done;
    }
    return exitCodeFor(error, log);
  }
}

function exitCodeFor(error: unknown, log: Logger): ExitCode {
  switch (verdictOf(error)) {
    case 'superseded':
      log.warn('the backend has no use for this result: the submission is final or a newer attempt runs');
      return ExitCode.done;
    case 'token-refused':
      log.error('the backend refuses the token of this attempt');
      return ExitCode.tokenRefused;
    case 'rejected':
      return rejected(error, log);
    default:
      log.error('the result could not be delivered', errorFields(error));
      return ExitCode.notDelivered;
  }
}

function rejected(error: unknown, log: Logger): ExitCode {
  // 422: the backend has recorded the submission as ungradable, so this attempt has its final state.
  const recorded = error instanceof ProblemAnswer && error.status === 422;
  log.error(
    recorded ? 'the backend recorded the result as ungradable' : 'the backend rejects the result',
    errorFields(error),
  );
  return recorded ? ExitCode.done : ExitCode.notDelivered;
}
