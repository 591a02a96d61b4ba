import { type AccessScope, type CourseRole, courseStaff } from '@cloudemy/contracts';
import { objectId } from '@cloudemy/mongo';
import type { Types } from 'mongoose';
import type { EnrolmentCollection, StoredEnrolment } from './model.js';

/** The roles in a course that a scope of the authorisation table asks for. */
const rolesFor: Partial<Record<AccessScope, readonly CourseRole[]>> = {
  member: ['instructor', 'assistant', 'student'],
  staff: courseStaff,
  teacher: ['instructor'],
};

/** Tells what people are in courses. */
export class Membership {
  private readonly enrolments: EnrolmentCollection;

  constructor(enrolments: EnrolmentCollection) {
    this.enrolments = enrolments;
  }

  /** Null for somebody who is not in it. */
  of(courseId: Types.ObjectId, userId: string): Promise<StoredEnrolment | null> {
    return this.enrolments.findOne({ course_id: courseId, user_id: objectId(userId) });
  }

  /** Whether somebody is in a course as one of these scopes wants. */
  async reaches(courseId: Types.ObjectId, userId: string, scopes: readonly AccessScope[]): Promise<boolean> {
    const roles = scopes.flatMap((scope) => rolesFor[scope] ?? []);
    const found = roles.length === 0 ? null : await this.of(courseId, userId);
    return found !== null && roles.includes(found.role);
  }

  /** The courses that somebody is in as one of these. */
  coursesOf(userId: string, roles: readonly CourseRole[]): Promise<Types.ObjectId[]> {
    return this.enrolments.distinct('course_id', { user_id: objectId(userId), role: { $in: [...roles] } });
  }
}
