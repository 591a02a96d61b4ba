import { backoffMs, retry } from '@cloudemy/async';
import { type Client, ProblemAnswer, type SubmissionCreate, type backendApi } from '@cloudemy/contracts';

export type Backend = Client<typeof backendApi>;

/** Milliseconds until a client gives up; longer than any fault, and than a busy machine takes. */
const timeoutMs = 120_000;
const firstPauseMs = 200;
const longestPauseMs = 3_000;

/** A request was given up, or refused for good. */
export class NotAcknowledgedError extends Error {
  override readonly name = 'NotAcknowledgedError';
}

/**
 * Submits as a careful client does: whatever happens to a request, it is repeated with the same
 * `Idempotency-Key` until it is answered.
 *
 * @param onRepeat called before each repetition
 * @returns the id of the submission, which is then acknowledged
 * @throws NotAcknowledgedError
 */
export async function submit(
  backend: Backend,
  body: SubmissionCreate,
  key: string,
  onRepeat: () => void,
): Promise<string> {
  const headers = { 'idempotency-key': key };
  return (await untilAnswered(() => backend.createSubmission({ body, headers }), onRepeat)).submission_id;
}

/**
 * Cancels, unless the submission has ended or gone meanwhile.
 *
 * @throws NotAcknowledgedError
 */
export async function cancel(backend: Backend, submissionId: string, onRepeat: () => void): Promise<void> {
  const params = { submission_id: submissionId };
  await untilAnswered(async () => {
    try {
      await backend.cancelSubmission({ params });
    } catch (error) {
      // Gone by a restore of the database, or lost: that is counted at the end.
      if (!(error instanceof ProblemAnswer && (error.status === 409 || error.status === 404))) throw error;
    }
  }, onRepeat);
}

async function untilAnswered<T>(call: () => Promise<T>, onRepeat: () => void): Promise<T> {
  const giveUpAt = performance.now() + timeoutMs;
  try {
    return await retry(call, {
      delayMs: (error, attempt) => {
        if (!mayPass(error) || performance.now() > giveUpAt) return undefined;
        onRepeat();
        const asked = error instanceof ProblemAnswer ? (error.retryAfter ?? 0) * 1_000 : 0;
        return Math.max(asked, backoffMs(attempt, { firstMs: firstPauseMs, maxMs: longestPauseMs }));
      },
    });
  } catch (error) {
    throw new NotAcknowledgedError('a request was not acknowledged', { cause: error });
  }
}

/** No answer, or one that says to come again. */
function mayPass(error: unknown): boolean {
  if (error instanceof ProblemAnswer) return error.status >= 500 || error.status === 429;
  return error instanceof TypeError || (error instanceof DOMException && error.name === 'TimeoutError');
}
