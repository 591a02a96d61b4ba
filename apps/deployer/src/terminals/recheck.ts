import { ProblemError } from '@cloudemy/service';
import type { DeployedJobs } from '../jobs/deployed-jobs.js';
import type { OpenSession } from './open-session.js';
import { endFor } from './session-end.js';

/** Sends whoever is at a terminal away when they may not be there any more. */
export async function lookAtVisitor(session: OpenSession, now: number): Promise<void> {
  const { visitor, terminal } = session;
  const state = await visitor?.look(now);
  // Somebody else may have come meanwhile.
  if (state === undefined || state === 'holds' || session.visitor !== visitor) return;
  terminal.dismiss(
    state === 'lost'
      ? endFor('access_lost', 'You may not use terminals any more.')
      : endFor('signed_out', 'Your sign-in has expired. Sign in again and come back with a new ticket.'),
  );
}

/** Ends a session whose owner may not use terminals any more. One who has only signed out may come back. */
export async function lookAtOwner({ rights, ownerId, terminal }: OpenSession, now: number): Promise<void> {
  if ((await rights.get(ownerId)?.look(now)) !== 'lost') return;
  terminal.end(endFor('access_lost', 'You may not use terminals any more.'));
}

/** Ends a session whose owner may not look into its Job any more. */
export async function lookAtJob(
  { rights, ownerId, target, terminal }: OpenSession,
  jobs: Pick<DeployedJobs, 'find'>,
): Promise<void> {
  const right = rights.get(ownerId);
  if (right === undefined) return;
  try {
    await jobs.find(right.scope, target.namespace, target.jobName);
  } catch (error) {
    // An outage takes no rights away.
    const lost = error instanceof ProblemError && (error.status === 403 || error.status === 404);
    if (lost) terminal.end(endFor('access_lost', error.message));
  }
}
