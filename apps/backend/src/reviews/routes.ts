import { actorOf } from '@cloudemy/auth';
import type { reviewsApi } from '@cloudemy/contracts';
import type { Handlers } from '@cloudemy/service';
import { readerOf } from '../courses/reader.js';
import type { Sight } from '../courses/sight.js';
import { decidedContent } from '../grades/decide.js';
import type { Grades } from '../grades/grades.js';
import type { Submissions } from '../submissions/submissions.js';
import type { Comments } from './comments.js';
import type { ReviewGrouping } from './groups.js';
import type { ReviewQueue } from './queue.js';
import type { ReviewRequests } from './requests.js';

export interface ReviewParts {
  grades: Grades;
  submissions: Submissions;
  sight: Sight;
  reviews: { comments: Comments; requests: ReviewRequests; queue: ReviewQueue; groups: ReviewGrouping };
}

export function reviewHandlers({
  grades,
  submissions,
  reviews,
  sight,
}: ReviewParts): Handlers<typeof reviewsApi> {
  const { comments, requests, queue, groups } = reviews;
  const listAt = (submissionId: string, what: string) => ({
    Location: `/submissions/${submissionId}/${what}`,
  });
  return {
    decideGrade: async ({ params: { submission_id: id }, body, res }) => {
      const { reason, version, ...decision } = body;
      const request = { actor: actorOf(res), reason, version };
      await grades.decide(id, request, (current) => decidedContent(current, decision));
      return { status: 200, body: await submissions.get(id, await readerOf(res, sight, id)) };
    },
    createComment: async ({ params: { submission_id: id }, body, res }) => ({
      status: 201,
      body: await comments.create(actorOf(res), id, body),
      headers: listAt(id, 'comments'),
    }),
    // What is said about work is part of its grade, and shown with it.
    listComments: async ({ params: { submission_id: id }, res }) => ({
      status: 200,
      body: { items: (await sight.ofOne(res, id)) ? await comments.list(id) : [] },
    }),
    resolveComment: async ({ params, res }) => {
      await sight.assertOne(res, params.submission_id);
      return {
        status: 200,
        body: await comments.resolve(actorOf(res), params.submission_id, params.comment_id),
      };
    },
    requestReview: async ({ params: { submission_id: id }, body, res }) => {
      await sight.assertOne(res, id);
      return {
        status: 201,
        body: await requests.ask(id, body),
        headers: listAt(id, 'review-requests'),
      };
    },
    // An answer may say what the grade is.
    listReviewRequests: async ({ params: { submission_id: id }, res }) => ({
      status: 200,
      body: { items: (await sight.ofOne(res, id)) ? await requests.list(id) : [] },
    }),
    answerReview: async ({ params, body, res }) => ({
      status: 200,
      body: await requests.answer(actorOf(res), params.submission_id, params.request_id, body.answer),
    }),
    getReviewQueue: async ({ params, query, res }) => ({
      status: 200,
      body: await queue.list(actorOf(res), params.assignment_id, query),
    }),
    listReviewGroups: async ({ params, query }) => ({
      status: 200,
      body: await groups.list(params.assignment_id, query.limit),
    }),
  };
}
