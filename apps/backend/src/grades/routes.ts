import { actorOf, callerOf } from '@cloudemy/auth';
import type { publicApi } from '@cloudemy/contracts';
import type { Handlers } from '@cloudemy/service';
import { mayKnowWhy } from '../auth/scope.js';
import { detailedFailure, failureView } from '../submissions/attempts-view.js';
import type { Submissions } from '../submissions/submissions.js';
import type { Grades } from './grades.js';

type GradeHandlers = Pick<
  Handlers<typeof publicApi>,
  'getAttempt' | 'listGradeChanges' | 'restoreGrade' | 'undoGrade'
>;

export interface GradeRouteParts {
  grades: Grades;
  submissions: Submissions;
}

export function gradeHandlers({ grades, submissions }: GradeRouteParts): GradeHandlers {
  return {
    getAttempt: async ({ params, res }) => {
      const knows = mayKnowWhy(callerOf(res));
      const showTo = (userId: string) => (knows(userId) ? detailedFailure : failureView);
      return { status: 200, body: await grades.attempt(params.submission_id, params.attempt, showTo) };
    },
    listGradeChanges: async ({ params }) => ({
      status: 200,
      body: { items: await grades.changes(params.submission_id) },
    }),
    restoreGrade: async ({ params, body, res }) => {
      await grades.restore(actorOf(res), params.submission_id, body);
      return { status: 200, body: await submissions.get(params.submission_id, mayKnowWhy(callerOf(res))) };
    },
    undoGrade: async ({ params, body, res }) => {
      await grades.undo(actorOf(res), params.submission_id, body);
      return { status: 200, body: await submissions.get(params.submission_id, mayKnowWhy(callerOf(res))) };
    },
  };
}
