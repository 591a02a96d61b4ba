import type { publicApi } from '@cloudemy/contracts';
import { type Handlers, requestIdOf } from '@cloudemy/service';
import { actorOf, callerOf } from '@cloudemy/auth';
import type { AssignmentModel } from '../assignments/model.js';
import { visibleTo } from '../auth/scope.js';
import type { EnrolmentCollection } from '../courses/model.js';
import type { RegradeFeature } from './create-regrades.js';

type RegradeHandlers = Pick<
  Handlers<typeof publicApi>,
  | 'regradeAssignment'
  | 'listRegrades'
  | 'getRegrade'
  | 'listRegradeResults'
  | 'cancelRegrade'
  | 'resumeRegrade'
  | 'estimateRegrade'
  | 'applyRegrade'
  | 'undoRegrade'
  | 'discardRegrade'
>;

export function regradeHandlers(
  { regrades, estimate }: Pick<RegradeFeature, 'regrades' | 'estimate'>,
  assignments: AssignmentModel,
  enrolments: EnrolmentCollection,
): RegradeHandlers {
  return {
    regradeAssignment: async ({ params, body, res }) => {
      const regrade = await regrades.create(actorOf(res), params.assignment_id, body, requestIdOf(res));
      return { status: 202, body: regrade, headers: { Location: `/regrades/${regrade.regrade_id}` } };
    },
    listRegrades: async ({ query, res }) => ({
      status: 200,
      body: await regrades.list(query, await visibleTo(callerOf(res), assignments, enrolments)),
    }),
    getRegrade: async ({ params }) => ({ status: 200, body: await regrades.get(params.regrade_id) }),
    listRegradeResults: async ({ params, query }) => ({
      status: 200,
      body: await regrades.results(params.regrade_id, query),
    }),
    cancelRegrade: async ({ params }) => ({ status: 200, body: await regrades.cancel(params.regrade_id) }),
    estimateRegrade: async ({ params, body }) => ({
      status: 200,
      body: await estimate(params.assignment_id, body),
    }),
    applyRegrade: async ({ params, body, res }) => ({
      status: 200,
      body: await regrades.apply(actorOf(res), params.regrade_id, body),
    }),
    undoRegrade: async ({ params, body, res }) => ({
      status: 200,
      body: await regrades.undo(actorOf(res), params.regrade_id, body),
    }),
    discardRegrade: async ({ params }) => ({ status: 200, body: await regrades.discard(params.regrade_id) }),
    resumeRegrade: async ({ params }) => ({ status: 200, body: await regrades.resume(params.regrade_id) }),
  };
}
