import type { Assignment, Schedule } from '@cloudemy/contracts';
import type { StoredAssignment } from './model.js';

type Name = 'release_at' | 'due_at' | 'late_until';

/** The instants as they are stored; undefined for what is left out. */
export function scheduleOf({
  release_at,
  due_at,
  late_until,
}: Schedule): Record<Name, Date | null | undefined> {
  const stored = (at: string | null | undefined) => (typeof at === 'string' ? new Date(at) : at);
  return { release_at: stored(release_at), due_at: stored(due_at), late_until: stored(late_until) };
}

/** All of them, as a new assignment has them. */
export function datesOf(schedule: Schedule): Record<Name, Date | null> {
  const { release_at = null, due_at = null, late_until = null } = scheduleOf(schedule);
  return { release_at, due_at, late_until };
}

type Shown = Pick<
  Assignment,
  'course_id' | 'release_at' | 'due_at' | 'late_until' | 'grades_visible' | 'grades_released_at'
>;

export function shownSchedule(assignment: StoredAssignment): Shown {
  const { course_id: course = null, grades_visible = 'at_once' } = assignment;
  const iso = (at: Date | null | undefined): string | null => at?.toISOString() ?? null;
  return {
    course_id: course === null ? null : String(course),
    release_at: iso(assignment.release_at),
    due_at: iso(assignment.due_at),
    late_until: iso(assignment.late_until),
    grades_visible,
    grades_released_at: iso(assignment.grades_released_at),
  };
}
