import type { publicApi } from '@cloudemy/contracts';
import type { Handlers } from '@cloudemy/service';
import { actorOf } from '@cloudemy/auth';
import type { Presence } from '../courses/presence.js';
import { notFound } from '@cloudemy/service';
import { type Assignments, assignmentView } from './assignments.js';
import type { Stats } from './stats/stats.js';

type AssignmentHandlers = Pick<
  Handlers<typeof publicApi>,
  | 'createAssignment'
  | 'listAssignments'
  | 'getAssignment'
  | 'updateAssignment'
  | 'archiveAssignment'
  | 'getAssignmentStats'
  | 'releaseGrades'
  | 'withholdGrades'
>;

export function assignmentHandlers(
  assignments: Assignments,
  stats: Pick<Stats, 'of'>,
  presence: Presence,
): AssignmentHandlers {
  return {
    createAssignment: async ({ body, res }) => {
      await presence.assertMayCreate(res, body.course_id);
      const assignment = await assignments.create(actorOf(res).userId, body);
      return {
        status: 201,
        body: assignment,
        headers: { Location: `/assignments/${assignment.assignment_id}` },
      };
    },
    listAssignments: async ({ query, res }) => ({
      status: 200,
      body: await assignments.list(query, await presence.visible(res)),
    }),
    getAssignment: async ({ params: { assignment_id: id }, res }) => {
      const found = await assignments.find(id);
      if (found === null) throw notFound('assignment', id);
      await presence.assert(res, found);
      return { status: 200, body: assignmentView(found) };
    },
    releaseGrades: async ({ params }) => ({
      status: 200,
      body: await assignments.showGrades(params.assignment_id, true),
    }),
    withholdGrades: async ({ params }) => ({
      status: 200,
      body: await assignments.showGrades(params.assignment_id, false),
    }),
    updateAssignment: async ({ params, body }) => ({
      status: 200,
      body: await assignments.update(params.assignment_id, body),
    }),
    archiveAssignment: async ({ params }) => ({
      status: 200,
      body: await assignments.archive(params.assignment_id),
    }),
    getAssignmentStats: async ({ params }) => ({
      status: 200,
      body: await stats.of(params.assignment_id),
    }),
  };
}
