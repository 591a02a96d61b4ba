import { type Caller, type Told, forbidden } from '@cloudemy/auth';
import { type AccessScope, type SubmissionCreate, courseStaff } from '@cloudemy/contracts';
import { objectId } from '@cloudemy/mongo';
import type { Types } from 'mongoose';
import { ProblemError } from '@cloudemy/service';
import type { AssignmentModel, StoredAssignment } from '../assignments/model.js';
import { Membership } from '../courses/membership.js';
import type { EnrolmentCollection } from '../courses/model.js';
import type { SubmissionCollection } from '../submissions/model.js';
import type { Stores } from '../stores.js';
import { hasSubmittedTo } from './ownership.js';

/** Narrows a list to what is within reach; undefined for everything. */
export type Visible = Readonly<Record<string, unknown>> | undefined;

/** Of things that belong to a user (`user_id`) and to an assignment (`assignment_id`), those within reach. */
export async function visibleTo(
  { actor: { userId }, scopes }: Caller,
  assignments: AssignmentModel,
  enrolments: EnrolmentCollection,
): Promise<Visible> {
  if (scopes.includes('any')) return undefined;
  const own = scopes.includes('own') ? [{ user_id: objectId(userId) }] : [];
  const within = await reached(userId, scopes, assignments, enrolments);
  const ofAssignments = within.length === 0 && own.length > 0 ? [] : [{ assignment_id: { $in: within } }];
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
  stores: Pick<Stores, 'assignments' | 'submissions' | 'enrolments'>,
  tellAudit: (more: Told) => void,
): Promise<void> {
  if (user === undefined || user === actor.userId) return;
  tellAudit({ detail: `for user ${user} to assignment ${assignment}` });
  if (scopes.includes('any')) return;
  if (await helpsIn(actor.userId, user, assignment, stores)) return;
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

/** Whether somebody teaches or helps in the course of an assignment that another is in. */
async function helpsIn(
  userId: string,
  other: string,
  assignmentId: string,
  { assignments, enrolments }: Pick<Stores, 'assignments' | 'enrolments'>,
): Promise<boolean> {
  const found = await assignments.findById(objectId(assignmentId)).lean<StoredAssignment>();
  const course = found?.course_id ?? null;
  if (course === null) return false;
  const membership = new Membership(enrolments);
  return (
    (await membership.reaches(course, userId, ['staff'])) &&
    (await membership.reaches(course, other, ['member']))
  );
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
  enrolments: EnrolmentCollection,
): Promise<'own' | 'any'> {
  if (scopes.includes('any')) return 'any';
  const found = await submissions.findOne(
    { _id: objectId(submissionId) },
    { projection: { assignment_id: 1 } },
  );
  if (found === null) return 'own';
  const { userId } = actor;
  const assignment = await assignments.findById(found.assignment_id).lean<StoredAssignment>();
  if (scopes.includes('assignment') && String(assignment?.owner_id) === userId) return 'any';
  const course = assignment?.course_id ?? null;
  const helps = course !== null && (await new Membership(enrolments).reaches(course, userId, ['staff']));
  return helps ? 'any' : 'own';
}

/** The assignments of somebody, and those of courses that they help in or teach. */
async function reached(
  userId: string,
  scopes: readonly AccessScope[],
  assignments: AssignmentModel,
  enrolments: EnrolmentCollection,
): Promise<Types.ObjectId[]> {
  const roles = scopes.includes('staff') ? courseStaff : ['instructor' as const];
  const courses =
    scopes.includes('staff') || scopes.includes('teacher')
      ? await new Membership(enrolments).coursesOf(userId, roles)
      : [];
  const owned = scopes.includes('assignment') ? [{ owner_id: objectId(userId) }] : [];
  const taught = courses.length === 0 ? [] : [{ course_id: { $in: courses } }];
  const alternatives = [...owned, ...taught];
  return alternatives.length === 0 ? [] : assignments.distinct('_id', { $or: alternatives });
}
