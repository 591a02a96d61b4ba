import { actorOf, forbidden, scopesOn } from '@cloudemy/auth';
import type { Assignment } from '@cloudemy/contracts';
import { courseStaff } from '@cloudemy/contracts';
import { type Clock, objectId } from '@cloudemy/mongo';
import { notFound } from '@cloudemy/service';
import type { Response } from 'express';
import type { StoredAssignment } from '../assignments/model.js';
import { refused } from '../files/refused.js';
import type { Stores } from '../stores.js';
import { isThereFor } from './admission.js';
import { Membership } from './membership.js';

const everyRole = [...courseStaff, 'student' as const];

/** Which assignments are there for whom: those of a course for its people, the others for everybody. */
export class Presence {
  private readonly stores: Pick<Stores, 'courses' | 'enrolments'>;
  private readonly membership: Membership;
  private readonly now: Clock;

  constructor(stores: Pick<Stores, 'courses' | 'enrolments'>, now: Clock) {
    this.stores = stores;
    this.membership = new Membership(stores.enrolments);
    this.now = now;
  }

  /** What a list of assignments is narrowed to. */
  async visible(res: Response): Promise<object> {
    if (scopesOn(res).includes('any') && actorOf(res).roles.includes('admin')) return {};
    const { userId } = actorOf(res);
    const [taught, all] = [
      await this.membership.coursesOf(userId, courseStaff),
      await this.membership.coursesOf(userId, everyRole),
    ];
    const begun = { $or: [{ release_at: null }, { release_at: { $lte: this.now() } }] };
    return {
      $or: [
        { owner_id: objectId(userId) },
        { course_id: { $in: taught } },
        { course_id: { $in: [null, ...all] }, ...begun },
      ],
    };
  }

  /** @throws ProblemError `not_found` for who does not see the assignment */
  async assert(res: Response, assignment: StoredAssignment): Promise<void> {
    const { userId, roles } = actorOf(res);
    if (roles.includes('admin') || String(assignment.owner_id) === userId) return;
    const { course_id: course = null } = assignment;
    const role = course === null ? undefined : (await this.membership.of(course, userId))?.role;
    if (!isThereFor(assignment, role, this.now())) throw notFound('assignment', String(assignment._id));
  }

  /**
   * Whoever teaches a course makes its assignments; without a course, those who may by their account.
   *
   * @throws ProblemError `forbidden`, `invalid_request`
   */
  async assertMayCreate(res: Response, courseId: Assignment['course_id']): Promise<void> {
    const { userId, roles } = actorOf(res);
    if (courseId === null) {
      if (roles.includes('instructor') || roles.includes('admin')) return;
      throw forbidden('You make assignments in the courses you teach: name one by course_id.');
    }
    const course = await this.stores.courses.findOne({ _id: objectId(courseId) });
    const mayAnyhow = roles.includes('admin') && course !== null;
    if (!mayAnyhow && !(await this.membership.reaches(objectId(courseId), userId, ['teacher']))) {
      throw refused('course_id', 'is no course that you teach');
    }
    if (course?.archived === true) throw refused('course_id', 'is an archived course');
  }
}
