import { z } from 'zod';
import { Id, Instant, Timestamp } from '../primitives.js';

/** When students see grades of an assignment. Whoever teaches it sees them at once. */
export const GradesVisible = z.enum(['at_once', 'after_review', 'on_release']).meta({
  id: 'GradesVisible',
  description:
    '`at_once`: as soon as there is one. `after_review`: when a person has looked at it. `on_release`: all together, when they are released.',
});
export type GradesVisible = z.output<typeof GradesVisible>;

const moment = Instant.nullable();

/** What an assignment says of when, as it is sent. */
export const scheduleFields = {
  release_at: moment.describe('Students see the assignment from then on; null for at once.'),
  due_at: moment.describe('What is handed in later is late; null for no end.'),
  late_until: moment.describe('Nothing is taken after this; null for nothing after `due_at`.'),
  grades_visible: GradesVisible,
};

/** The same as it is shown. */
export const shownSchedule = {
  course_id: Id.nullable().describe('The course it belongs to, if it does.'),
  release_at: Timestamp.nullable(),
  due_at: Timestamp.nullable(),
  late_until: Timestamp.nullable(),
  grades_visible: GradesVisible,
  grades_released_at: Timestamp.nullable().describe('Since when students see all grades of it.'),
};

export interface Schedule {
  release_at?: string | null | undefined;
  due_at?: string | null | undefined;
  late_until?: string | null | undefined;
}

/** What is wrong with the order of these instants, and at which field; undefined when nothing is. */
export function faultIn({ release_at: release, due_at: due, late_until: late }: Schedule) {
  const at = (text: string): number => Date.parse(text);
  if (release && due && at(due) <= at(release)) {
    return { path: 'due_at', reason: `must be after release_at, which is ${release}` };
  }
  if (late && !due) return { path: 'late_until', reason: 'needs due_at: nothing is late without it' };
  if (late && due && at(late) <= at(due)) {
    return { path: 'late_until', reason: `must be after due_at, which is ${due}` };
  }
  return undefined;
}
