import { z } from 'zod';
import { defineApi } from '../http/route.js';
import { Id } from '../primitives.js';
import {
  Comment,
  CommentCreate,
  CommentList,
  GradeDecide,
  ReviewAnswer,
  ReviewQueue,
  ReviewQueueQuery,
  ReviewRequest,
  ReviewRequestCreate,
  ReviewRequestList,
} from '../reviews.js';
import { ReviewGroups, ReviewGroupsQuery } from '../review-groups.js';
import { Submission } from '../submissions.js';

const submissionId = z.object({ submission_id: Id });
const created = { Location: 'The list that it is in.' };

/** What people decide and say about a grade. */
export const reviewsApi = defineApi({
  decideGrade: {
    method: 'post',
    path: '/submissions/{submission_id}/grade/decision',
    tag: 'Reviews',
    summary: 'Decide the points of criteria, or the whole, in place of the grader',
    description:
      'The grade in force changes; what the grader said stays in `original` of each criterion and in its attempt. Undo it as any change of a grade.',
    auth: 'user',
    params: submissionId,
    body: GradeDecide,
    bodyLimit: { bytes: 512 * 1_024, values: 1_000 },
    responses: { 200: { description: 'With the grade as decided.', schema: Submission } },
    problems: ['not_found', 'conflict', 'version_mismatch', 'quota_exceeded'],
  },
  createComment: {
    method: 'post',
    path: '/submissions/{submission_id}/comments',
    tag: 'Reviews',
    summary: 'Comment on lines of a submission',
    auth: 'user',
    params: submissionId,
    body: CommentCreate,
    responses: { 201: { description: 'Created.', schema: Comment, headers: created } },
    problems: ['not_found', 'quota_exceeded'],
  },
  listComments: {
    method: 'get',
    path: '/submissions/{submission_id}/comments',
    tag: 'Reviews',
    summary: 'List the comments on a submission, first to last',
    auth: 'user',
    params: submissionId,
    responses: { 200: { description: 'All of them.', schema: CommentList } },
    problems: ['not_found'],
  },
  resolveComment: {
    method: 'post',
    path: '/submissions/{submission_id}/comments/{comment_id}/resolve',
    tag: 'Reviews',
    summary: 'Mark a comment as dealt with, now or before',
    auth: 'user',
    params: submissionId.extend({ comment_id: Id }),
    responses: { 200: { description: 'The comment.', schema: Comment } },
    problems: ['not_found', 'grade_withheld'],
  },
  requestReview: {
    method: 'post',
    path: '/submissions/{submission_id}/review-requests',
    tag: 'Reviews',
    summary: 'Ask for another look at a criterion or at the whole',
    auth: 'user',
    params: submissionId,
    body: ReviewRequestCreate,
    responses: { 201: { description: 'Asked.', schema: ReviewRequest, headers: created } },
    problems: ['not_found', 'conflict', 'quota_exceeded', 'grade_withheld'],
  },
  listReviewRequests: {
    method: 'get',
    path: '/submissions/{submission_id}/review-requests',
    tag: 'Reviews',
    summary: 'List the requests about a submission with their answers, first to last',
    auth: 'user',
    params: submissionId,
    responses: { 200: { description: 'All of them.', schema: ReviewRequestList } },
    problems: ['not_found'],
  },
  answerReview: {
    method: 'post',
    path: '/submissions/{submission_id}/review-requests/{request_id}/answer',
    tag: 'Reviews',
    summary: 'Answer a request: whoever decides the points does so first',
    auth: 'user',
    params: submissionId.extend({ request_id: Id }),
    body: ReviewAnswer,
    responses: { 200: { description: 'Resolved.', schema: ReviewRequest } },
    problems: ['not_found', 'conflict'],
  },
  getReviewQueue: {
    method: 'get',
    path: '/assignments/{assignment_id}/review-queue',
    tag: 'Reviews',
    summary: 'List what somebody should look at, without names',
    description:
      'In an order of the reader’s own, the same each time: several readers begin at different ends. What was answered, or decided by a person since, is not in it.',
    auth: 'user',
    params: z.object({ assignment_id: Id }),
    query: ReviewQueueQuery,
    responses: { 200: { description: 'A page.', schema: ReviewQueue } },
    problems: ['not_found'],
  },
  listReviewGroups: {
    method: 'get',
    path: '/assignments/{assignment_id}/review-groups',
    tag: 'Reviews',
    summary: 'Group graded submissions that no person has decided, so that like ones are settled at once',
    description:
      'Of the same group are those with the same verdicts and, comments and spaces aside, the same code. Decide each of them with its `grade_version`; then it is in no group any more.',
    auth: 'user',
    params: z.object({ assignment_id: Id }),
    query: ReviewGroupsQuery,
    responses: { 200: { description: 'The groups, without names.', schema: ReviewGroups } },
    problems: ['not_found'],
  },
});
