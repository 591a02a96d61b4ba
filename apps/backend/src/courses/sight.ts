import { actorOf, scopesOn } from '@cloudemy/auth';
import { courseStaff } from '@cloudemy/contracts';
import { objectId } from '@cloudemy/mongo';
import { ProblemError } from '@cloudemy/service';
import type { Response } from 'express';
import type { Types } from 'mongoose';
import type { StoredAssignment } from '../assignments/model.js';
import type { Stores } from '../stores.js';

/** What says when students see grades. */
type Policy = Pick<StoredAssignment, 'grades_visible' | 'grades_released_at'>;

/** A submission, as far as the rule looks at it. */
export interface Looked {
  assignment_id: Types.ObjectId;
  /** Since when a person has looked at its grade. */
  reviewed_at?: Date | undefined;
}

/**
 * The rule of release: whether students see the grade of a submission. Every way on which a grade is seen asks this
 * function and no other. What was seen once stays seen while nobody takes a release back.
 */
export function studentsSee(
  { grades_visible: when = 'at_once', grades_released_at: released = null }: Policy,
  { reviewed_at: reviewed }: Pick<Looked, 'reviewed_at'>,
): boolean {
  if (released !== null || when === 'at_once') return true;
  return when === 'after_review' && reviewed !== undefined;
}

/** Whether somebody sees the grade of a submission. */
export type Sees = (submission: Looked) => boolean;

/** Tells readers and grades apart: who teaches sees every grade, whose it is what the rule shows. */
export class Sight {
  private readonly stores: Pick<Stores, 'assignments' | 'enrolments' | 'submissions'>;

  constructor(stores: Pick<Stores, 'assignments' | 'enrolments' | 'submissions'>) {
    this.stores = stores;
  }

  /** What the maker of a request sees of these submissions. */
  async of(res: Response, submissions: readonly Pick<Looked, 'assignment_id'>[]): Promise<Sees> {
    if (scopesOn(res).includes('any')) return () => true;
    const { userId } = actorOf(res);
    const ids = new Map(submissions.map(({ assignment_id: id }) => [String(id), id]));
    const found = await this.stores.assignments
      .find(
        { _id: { $in: [...ids.values()] } },
        { owner_id: 1, course_id: 1, grades_visible: 1, grades_released_at: 1 },
      )
      .lean<StoredAssignment[]>();
    const helped = await this.helped(userId, found);
    const known = new Map(found.map((one) => [String(one._id), one]));
    return (submission) => {
      const assignment = known.get(String(submission.assignment_id));
      if (assignment === undefined) return true;
      const teaches =
        String(assignment.owner_id) === userId || helped.has(String(assignment.course_id ?? ''));
      return teaches || studentsSee(assignment, submission);
    };
  }

  /** Whether the maker of a request sees the grade of a submission; true for one that is not there. */
  async ofOne(res: Response, submissionId: string): Promise<boolean> {
    if (scopesOn(res).includes('any')) return true;
    const found = await this.stores.submissions.findOne(
      { _id: objectId(submissionId) },
      { projection: { assignment_id: 1, reviewed_at: 1 } },
    );
    return found === null || (await this.of(res, [found]))(found);
  }

  /** @throws ProblemError `grade_withheld` */
  async assertOne(res: Response, submissionId: string): Promise<void> {
    if (await this.ofOne(res, submissionId)) return;
    throw new ProblemError('grade_withheld', {
      detail: 'The grade of this submission is not shown to students yet. Your instructor releases it.',
    });
  }

  /** Of these assignments' courses, those in which somebody is more than a student. */
  private async helped(userId: string, assignments: readonly StoredAssignment[]): Promise<Set<string>> {
    const courses = assignments.flatMap(({ course_id: id }) => id ?? []);
    if (courses.length === 0) return new Set();
    const own = { user_id: objectId(userId), course_id: { $in: courses }, role: { $in: [...courseStaff] } };
    return new Set((await this.stores.enrolments.distinct('course_id', own)).map(String));
  }
}
