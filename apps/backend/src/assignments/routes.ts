import type { publicApi } from '@cloudemy/contracts';
import type { Handlers } from '@cloudemy/service';
import { actorOf } from '@cloudemy/auth';
import type { Assignments } from './assignments.js';
import type { Stats } from './stats/stats.js';

type AssignmentHandlers = Pick<
  Handlers<typeof publicApi>,
  | 'createAssignment'
  | 'listAssignments'
  | 'getAssignment'
  | 'updateAssignment'
  | 'archiveAssignment'
  | 'getAssignmentStats'
>;

export function assignmentHandlers(assignments: Assignments, stats: Pick<Stats, 'of'>): AssignmentHandlers {
  return {
    createAssignment: async ({ body, res }) => {
      const assignment = await assignments.create(actorOf(res).userId, body);
      return {
        status: 201,
        body: assignment,
        headers: { Location: `/assignments/${assignment.assignment_id}` },
      };
    },
    listAssignments: async ({ query }) => ({ status: 200, body: await assignments.list(query) }),
    getAssignment: async ({ params }) => ({
      status: 200,
      body: await assignments.get(params.assignment_id),
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
