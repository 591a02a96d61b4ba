import type { Actor } from '@cloudemy/auth';
import { type Projected, objectId, projectionOf } from '@cloudemy/mongo';
import { ProblemError } from '@cloudemy/service';
import type { Types } from 'mongoose';
import { StoredSubmission, type SubmissionCollection } from './model.js';

const assignmentOnly = projectionOf(StoredSubmission, StoredSubmission.pick({ assignment_id: true }));

export interface WaitingLimit {
  inAll: number;
  perAssignment: number;
}

/**
 * Caps how many submissions of one student may wait or be graded at a time: each costs money and a place in the queue.
 * What the grader is asked to do again by others does not count. Each replica counts what it is just taking in itself:
 * many requests at one moment, spread over all replicas, come to so many times the limit at most.
 */
export class WaitingLimits {
  private readonly submissions: SubmissionCollection;
  private readonly limit: WaitingLimit;
  /** Being taken in now, by user. */
  private readonly coming = new Map<string, Types.ObjectId[]>();

  constructor(submissions: SubmissionCollection, limit: WaitingLimit) {
    this.submissions = submissions;
    this.limit = limit;
  }

  /**
   * Takes a submission in if there is room for one more.
   *
   * @throws ProblemError `rate_limited`; what `work` throws
   */
  async admit<T>(actor: Actor, assignmentId: Types.ObjectId, work: () => Promise<T>): Promise<T> {
    const { inAll, perAssignment } = this.limit;
    const { userId, roles } = actor;
    const teaches = roles.includes('instructor') || roles.includes('admin');
    if (teaches || (inAll === Number.POSITIVE_INFINITY && perAssignment === inAll)) return work();
    const coming = this.coming.get(userId) ?? [];
    // Noted before the first wait, so that requests side by side see each other.
    const earlier = [...coming];
    coming.push(assignmentId);
    this.coming.set(userId, coming);
    try {
      await this.assertRoom(userId, assignmentId, earlier);
      return await work();
    } finally {
      coming.splice(coming.indexOf(assignmentId), 1);
      if (coming.length === 0) this.coming.delete(userId);
    }
  }

  private async assertRoom(userId: string, assignmentId: Types.ObjectId, coming: readonly Types.ObjectId[]) {
    const { inAll, perAssignment } = this.limit;
    const waiting = await this.submissions
      .find<Projected<typeof assignmentOnly>>(
        { user_id: objectId(userId), finished_at: null, requested_attempt: 1 },
        { ...assignmentOnly, limit: inAll === Number.POSITIVE_INFINITY ? 0 : inAll },
      )
      .toArray();
    const all = [...waiting.map(({ assignment_id: id }) => id), ...coming];
    if (all.filter((id) => id.equals(assignmentId)).length >= perAssignment) {
      throw full(`${perAssignment} of your submissions to this assignment`);
    }
    if (all.length >= inAll) throw full(`${inAll} of your submissions`);
  }
}

const full = (which: string): ProblemError =>
  new ProblemError('rate_limited', {
    detail: `${which} wait to be graded, as many as may. Wait until one is graded, or cancel one that you do not need.`,
    retryAfter: 10,
  });
