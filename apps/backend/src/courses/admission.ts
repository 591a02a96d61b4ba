import type { CourseRole } from '@cloudemy/contracts';
import { ProblemError } from '@cloudemy/service';
import type { StoredAssignment } from '../assignments/model.js';

type Dates = Pick<StoredAssignment, 'course_id' | 'release_at' | 'due_at' | 'late_until'>;

/** Whether an assignment is there for somebody who does not teach it. */
export function isThereFor(
  { course_id: course = null, release_at: release = null }: Dates,
  role: CourseRole | undefined,
  now: Date,
): boolean {
  if (course !== null && role === undefined) return false;
  return role === 'instructor' || role === 'assistant' || release === null || release <= now;
}

/**
 * Who teaches hands in whenever they want, everybody else in time.
 *
 * @throws ProblemError `deadline_passed`
 */
export function assertInTime(
  { due_at: due = null, late_until: late = null }: Dates,
  role: CourseRole | undefined,
  now: Date,
): void {
  const end = late ?? due;
  if (role === 'instructor' || role === 'assistant' || end === null || now <= end) return;
  throw new ProblemError('deadline_passed', {
    detail: `This assignment takes nothing after ${end.toISOString()}. Ask your instructor.`,
  });
}
