import { type Caller, type Told, forbidden } from '@cloudemy/auth';
import type { SubmissionCreate } from '@cloudemy/contracts';
import { objectId } from '@cloudemy/mongo';
import type { Types } from 'mongoose';
import { ProblemError } from '@cloudemy/service';
import type { AssignmentModel } from '../assignments/model.js';
import type { SubmissionCollection } from '../submissions/model.js';
import type { Stores } from '../stores.js';
import { hasSubmittedTo } from './ownership.js';

/** Narrows a list to what is within reach; undefined for everything. */
export type Visible = Readonly<Record<string, unknown>> | undefined;

/** Of things that belong to a user (`user_id`) and to an assignment (`assignment_id`), those within reach. */
export async function visibleTo(
  { actor: { userId }, scopes }: Caller,
  assignments: AssignmentModel,
): Promise<Visible> {
  if (scopes.includes('any')) return undefined;
  const own = scopes.includes('own') ? [{ user_id: objectId(userId) }] : [];
  const ofAssignments = scopes.includes('assignment')
    ? [{ assignment_id: { $in: await assignmentsOf(userId, assignments) } }]
    : [];
  const alternatives = [...own, ...ofAssignments];
  return alternatives.length === 1 ? alternatives[0] : { $or: alternatives };
}

/**
 * Everybody submits for themselves; who owns the assignment also for those who have submitted to one of theirs, and
 * administrators for everybody.
 *
 * @param tellAudit takes what the record of the request is to say
 * @throws ProblemError `forbidden`; `invalid_request` for a user who is not known to the owner, whether there is such
 *   a user or not
 */
export async function assertMaySubmit(
  { actor, scopes }: Caller,
  { user_id: user, assignment_id: assignment }: SubmissionCreate,
  stores: Pick<Stores, 'assignments' | 'submissions'>,
  tellAudit: (more: Told) => void,
): Promise<void> {
  if (user === undefined || user === actor.userId) return;
  tellAudit({ detail: `for user ${user} to assignment ${assignment}` });
  if (scopes.includes('any')) return;
  const owned = { _id: objectId(assignment), owner_id: objectId(actor.userId) };
  if (!scopes.includes('assignment') || (await stores.assignments.exists(owned)) === null) {
    throw forbidden('You may submit for others to your own assignments only. Leave user_id out.');
  }
  if (await hasSubmittedTo(actor.userId, user, stores)) return;
  tellAudit({ refused: true });
  const reason =
    'is nobody who has submitted to an assignment of yours: they submit first, or an administrator for them';
  throw new ProblemError('invalid_request', {
    detail: `body user_id ${reason}.`,
    errors: [{ in: 'body', path: 'user_id', reason }],
  });
}

/** Whoever runs the course or the installation is told why an attempt failed in the words of what failed. */
export function mayKnowWhy({ actor, scopes }: Caller): (userId: string) => boolean {
  return (owner) => scopes.includes('any') || owner !== actor.userId;
}

/** Whether somebody reaches a submission as its assignment's owner or an administrator, or merely as theirs. */
export async function rightOver(
  { actor, scopes }: Caller,
  submissionId: string,
  submissions: SubmissionCollection,
  assignments: AssignmentModel,
): Promise<'own' | 'any'> {
  if (scopes.includes('any')) return 'any';
  if (!scopes.includes('assignment')) return 'own';
  const found = await submissions.findOne(
    { _id: objectId(submissionId) },
    { projection: { assignment_id: 1 } },
  );
  if (found === null) return 'own';
  const owned = { _id: found.assignment_id, owner_id: objectId(actor.userId) };
  return (await assignments.exists(owned)) === null ? 'own' : 'any';
}

const assignmentsOf = (userId: string, assignments: AssignmentModel): Promise<Types.ObjectId[]> =>
  assignments.distinct('_id', { owner_id: objectId(userId) });
