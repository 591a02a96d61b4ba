import type { AccessScope } from '@cloudemy/contracts';
import { objectId } from '@cloudemy/mongo';
import type { Types } from 'mongoose';
import { Membership } from '../courses/membership.js';
import type { Stores } from '../stores.js';

/** Tells to whom the objects of a kind belong. */
export interface Ownership {
  /** As the answer calls what does not exist. */
  kind: string;
  /** Whether an object exists that is within a user's reach. */
  of: (id: string, userId: string, scopes: readonly AccessScope[]) => Promise<boolean>;
  /** Whether they may know of it, out of reach as it is for what they want. */
  seen?: (id: string, userId: string) => Promise<boolean>;
}

/**
 * Whether a user has handed something in to an assignment of an owner. What the owner, or anybody else, handed in for
 * them does not count: nobody is known by what was planted.
 */
export async function hasSubmittedTo(
  ownerId: string,
  userId: string,
  { assignments, submissions }: Pick<Stores, 'assignments' | 'submissions'>,
): Promise<boolean> {
  const own = await assignments.distinct('_id', { owner_id: objectId(ownerId) });
  const user = objectId(userId);
  const found = await submissions.findOne(
    {
      user_id: user,
      assignment_id: { $in: own },
      // The history tells it too, of what was stored before the field was.
      $or: [
        { submitted_by: user },
        { submitted_by: { $exists: false }, 'history.0.actor': `user:${userId}` },
      ],
    },
    { projection: { _id: 1 } },
  );
  return found !== null;
}

/** By the parameter that names an object in a path. */
export function ownershipOf(stores: Stores): Record<string, Ownership> {
  const membership = new Membership(stores.enrolments);
  const { assignments, submissions, regrades, apiKeys, users, webhooks } = stores;
  const isOwnAssignment = async (
    id: Types.ObjectId,
    userId: string,
    scopes: readonly AccessScope[],
  ): Promise<boolean> => {
    const found = await assignments
      .findById(id, { owner_id: 1, course_id: 1 })
      .lean<{ owner_id: Types.ObjectId; course_id?: Types.ObjectId | null }>();
    if (found === null) return false;
    const owns = scopes.includes('own') || scopes.includes('assignment');
    if (owns && String(found.owner_id) === userId) return true;
    const { course_id: course = null } = found;
    return course !== null && membership.reaches(course, userId, scopes);
  };
  return {
    course_id: {
      kind: 'course',
      of: (id, userId, scopes) => membership.reaches(objectId(id), userId, scopes),
    },
    assignment_id: {
      kind: 'assignment',
      of: (id, userId, scopes) => isOwnAssignment(objectId(id), userId, scopes),
    },
    submission_id: {
      kind: 'submission',
      of: async (id, userId, scopes) => {
        const found = await submissions.findOne(
          { _id: objectId(id) },
          { projection: { user_id: 1, assignment_id: 1 } },
        );
        if (found === null) return false;
        if (scopes.includes('own') && String(found.user_id) === userId) return true;
        return isOwnAssignment(
          found.assignment_id,
          userId,
          scopes.filter((scope) => scope !== 'own'),
        );
      },
      seen: async (id, userId) =>
        (await submissions.findOne(
          { _id: objectId(id), user_id: objectId(userId) },
          { projection: { _id: 1 } },
        )) !== null,
    },
    regrade_id: {
      kind: 'regrade',
      of: async (id, userId, scopes) => {
        const found = await regrades
          .findById(objectId(id), { assignment_id: 1 })
          .lean<{ assignment_id: Types.ObjectId }>();
        return found !== null && isOwnAssignment(found.assignment_id, userId, scopes);
      },
    },
    user_id: {
      kind: 'user',
      of: async (id, userId, scopes) => {
        if (id === userId) return true;
        if (!scopes.includes('assignment')) return false;
        return (
          (await hasSubmittedTo(userId, id, stores)) && (await users.exists({ _id: objectId(id) })) !== null
        );
      },
    },
    webhook_id: {
      kind: 'webhook',
      of: async (id, userId) => (await webhooks.exists({ _id: objectId(id), owner_id: userId })) !== null,
    },
    api_key_id: {
      kind: 'API key',
      of: async (id, userId) =>
        (await apiKeys.exists({ _id: objectId(id), user_id: objectId(userId) })) !== null,
    },
  };
}
