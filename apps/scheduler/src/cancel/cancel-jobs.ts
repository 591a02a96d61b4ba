import { type SubmissionHint, runnerJobName } from '@cloudemy/contracts';
import type { Job } from '@cloudemy/k8s';
import type { States } from '../backend/states.js';
import type { JobStore } from '../jobs/job-store.js';
import type { CancelledAttempts } from './cancelled-attempts.js';

export interface CancelDependencies {
  cancelled: Pick<CancelledAttempts, 'note'>;
  /** The Job as the watch shows it. */
  known: (name: string) => Job | undefined;
  jobs: Pick<JobStore, 'remove' | 'removeByName'>;
  states: Pick<States, 'read'>;
}

/**
 * Deletes the Job of an attempt that was cancelled. Every replica does so: the one that is creating the Job
 * right now is the only one to know. A hint alone deletes nothing: others than the backend can write to Redis.
 *
 * @returns whether there was one
 */
export async function cancelJob(deps: CancelDependencies, hint: SubmissionHint): Promise<boolean> {
  const state = await deps.states.read(hint.submission_id);
  if (state?.status !== 'cancelled' || state.attempt !== hint.attempt) return false;
  const name = runnerJobName(hint.submission_id, hint.attempt);
  deps.cancelled.note(name);
  const job = deps.known(name);
  // The watch may be a moment behind a Job that has just been created.
  if (job === undefined) return deps.jobs.removeByName(name);
  await deps.jobs.remove(job);
  return true;
}
