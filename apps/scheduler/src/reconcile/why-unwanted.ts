import type { AttemptRef } from '@cloudemy/contracts';
import type { SubmissionState } from '../backend/states.js';

/** Why a Job has no business in the cluster. */
export type Unwanted = 'cancelled' | 'failed' | 'superseded' | 'unknown';

/**
 * Whether nobody waits for a Job any more. Finished Jobs are left to their time to live, for people to read
 * the log; the Job of a graded submission is about to end by itself.
 */
export function whyUnwanted(
  attempt: AttemptRef,
  finished: boolean,
  state: SubmissionState | undefined,
): Unwanted | undefined {
  if (state === undefined) return 'unknown';
  if (finished) return undefined;
  if (state.attempt > attempt.attempt) return 'superseded';
  if (state.attempt < attempt.attempt) return undefined;
  return state.status === 'cancelled' || state.status === 'failed' ? state.status : undefined;
}
