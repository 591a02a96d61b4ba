import { actorOf, callerOf } from '@cloudemy/auth';
import type { publicApi } from '@cloudemy/contracts';
import type { Handlers } from '@cloudemy/service';
import { mayKnowWhy } from '../auth/scope.js';
import { readerOf } from '../courses/reader.js';
import type { Sight } from '../courses/sight.js';
import { detailedFailure, failureView } from '../submissions/attempts-view.js';
import type { Submissions } from '../submissions/submissions.js';
import type { Grades } from './grades.js';

type GradeHandlers = Pick<
  Handlers<typeof publicApi>,
  'getAttempt' | 'listGradeChanges' | 'confirmGrade' | 'restoreGrade' | 'undoGrade'
>;

export interface GradeRouteParts {
  grades: Grades;
  submissions: Submissions;
  sight: Sight;
}

export function gradeHandlers({ grades, submissions, sight }: GradeRouteParts): GradeHandlers {
  return {
    getAttempt: async ({ params, res }) => {
      const knows = mayKnowWhy(callerOf(res));
      const shown = await sight.ofOne(res, params.submission_id);
      const showTo = (userId: string) => (knows(userId) ? detailedFailure : failureView);
      return { status: 200, body: await grades.attempt(params.submission_id, params.attempt, showTo, shown) };
    },
    // While the grade is withheld, so is what it was.
    listGradeChanges: async ({ params: { submission_id: id }, res }) => ({
      status: 200,
      body: { items: (await sight.ofOne(res, id)) ? await grades.changes(id) : [] },
    }),
    confirmGrade: async ({ params: { submission_id: id }, res }) => {
      await grades.confirm(id);
      return { status: 200, body: await submissions.get(id, await readerOf(res, sight, id)) };
    },
    restoreGrade: async ({ params, body, res }) => {
      await grades.restore(actorOf(res), params.submission_id, body);
      return {
        status: 200,
        body: await submissions.get(params.submission_id, await readerOf(res, sight, params.submission_id)),
      };
    },
    undoGrade: async ({ params, body, res }) => {
      await grades.undo(actorOf(res), params.submission_id, body);
      return {
        status: 200,
        body: await submissions.get(params.submission_id, await readerOf(res, sight, params.submission_id)),
      };
    },
  };
}
