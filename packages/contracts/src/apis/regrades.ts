import { z } from 'zod';
import { defineApi } from '../http/route.js';
import { Id } from '../primitives.js';
import {
  Regrade,
  RegradePage,
  RegradeQuery,
  RegradeRequest,
  RegradeResultPage,
  RegradeResultQuery,
} from '../regrades.js';

const regradeId = z.object({ regrade_id: Id });

/** Grading the submissions of an assignment again, after its rubric or the model has changed. */
export const regradesApi = defineApi({
  regradeAssignment: {
    method: 'post',
    path: '/assignments/{assignment_id}/regrade',
    tag: 'Regrades',
    summary: 'Grade the submissions of an assignment again',
    description:
      'By the assignment as it is now, in the slower lane of the queue. Those being graded just now by an older version follow when they are final.',
    auth: 'user',
    params: z.object({ assignment_id: Id }),
    body: RegradeRequest,
    responses: {
      202: {
        description: 'Accepted; it goes on whatever crashes.',
        schema: Regrade,
        headers: { Location: 'Where its progress can be read.' },
      },
    },
    problems: ['not_found'],
  },
  listRegrades: {
    method: 'get',
    path: '/regrades',
    tag: 'Regrades',
    summary: 'List regrades, newest first',
    auth: 'user',
    query: RegradeQuery,
    responses: { 200: { description: 'A page.', schema: RegradePage } },
  },
  getRegrade: {
    method: 'get',
    path: '/regrades/{regrade_id}',
    tag: 'Regrades',
    summary: 'Read the progress of a regrade',
    auth: 'user',
    params: regradeId,
    responses: { 200: { description: 'The regrade.', schema: Regrade } },
    problems: ['not_found'],
  },
  listRegradeResults: {
    method: 'get',
    path: '/regrades/{regrade_id}/results',
    tag: 'Regrades',
    summary: 'List the submissions of a regrade, each before and after',
    auth: 'user',
    params: regradeId,
    query: RegradeResultQuery,
    responses: { 200: { description: 'A page.', schema: RegradeResultPage } },
    problems: ['not_found'],
  },
  cancelRegrade: {
    method: 'post',
    path: '/regrades/{regrade_id}/cancel',
    tag: 'Regrades',
    summary: 'Cancel a regrade: what has not begun keeps its grade, what has begun ends by itself',
    auth: 'user',
    params: regradeId,
    responses: { 200: { description: 'Cancelled, now or before.', schema: Regrade } },
    problems: ['not_found', 'conflict'],
  },
  resumeRegrade: {
    method: 'post',
    path: '/regrades/{regrade_id}/resume',
    tag: 'Regrades',
    summary: 'Resume a cancelled regrade: what had not begun is graded again, what had is not graded twice',
    auth: 'user',
    params: regradeId,
    responses: { 200: { description: 'It goes on, now or before.', schema: Regrade } },
    problems: ['not_found', 'conflict'],
  },
});
