import { z } from 'zod';
import {
  Assignment,
  AssignmentCreate,
  AssignmentPage,
  AssignmentQuery,
  AssignmentUpdate,
} from '../assignments.js';
import { AssignmentStats } from '../assignment-stats.js';
import { defineApi } from '../http/route.js';
import { Id } from '../primitives.js';
import {
  Submission,
  SubmissionCreate,
  SubmissionPage,
  SubmissionQuery,
  SubmissionEvent,
} from '../submissions.js';
import { accountsApi } from './accounts.js';
import { auditApi } from './audit.js';
import { internalApi } from './backend-internal.js';
import { coursesApi } from './courses.js';
import { operationApi } from './operation.js';
import { erasureApi } from './erasure.js';
import { gradesApi } from './grades.js';
import { regradesApi } from './regrades.js';
import { reviewsApi } from './reviews.js';
import { standingsApi } from './standings.js';
import { webhooksApi } from './webhooks.js';

const assignmentId = z.object({ assignment_id: Id });
const submissionId = z.object({ submission_id: Id });

/** The largest assignment the contract allows, with every character escaped. */
const assignmentLimit = { bytes: 2 * 1_024 * 1_024, values: 1_000 };

const location = { Location: 'Where the new resource is.' };

/** What the backend serves to people and frontends. */
export const publicApi = defineApi({
  ...accountsApi,
  ...coursesApi,
  createAssignment: {
    method: 'post',
    path: '/assignments',
    tag: 'Assignments',
    summary: 'Create an assignment with its rubric',
    auth: 'user',
    body: AssignmentCreate,
    bodyLimit: assignmentLimit,
    responses: { 201: { description: 'Created.', schema: Assignment, headers: location } },
  },
  listAssignments: {
    method: 'get',
    path: '/assignments',
    tag: 'Assignments',
    summary: 'List assignments, newest first',
    auth: 'user',
    query: AssignmentQuery,
    responses: { 200: { description: 'A page.', schema: AssignmentPage } },
  },
  getAssignment: {
    method: 'get',
    path: '/assignments/{assignment_id}',
    tag: 'Assignments',
    summary: 'Read an assignment',
    auth: 'user',
    params: assignmentId,
    responses: { 200: { description: 'The assignment.', schema: Assignment } },
    problems: ['not_found'],
  },
  updateAssignment: {
    method: 'patch',
    path: '/assignments/{assignment_id}',
    tag: 'Assignments',
    summary: 'Change an assignment',
    description:
      'Fields left out stay. Submissions keep the grade of the version they were graded by; regrade them to apply the new one.',
    auth: 'user',
    params: assignmentId,
    body: AssignmentUpdate,
    bodyLimit: assignmentLimit,
    responses: { 200: { description: 'The assignment as it is now.', schema: Assignment } },
    problems: ['not_found', 'version_mismatch', 'assignment_archived'],
  },
  archiveAssignment: {
    method: 'post',
    path: '/assignments/{assignment_id}/archive',
    tag: 'Assignments',
    summary: 'Archive an assignment: it stays readable and takes no new submissions',
    auth: 'user',
    params: assignmentId,
    responses: { 200: { description: 'Archived, now or before.', schema: Assignment } },
    problems: ['not_found'],
  },
  releaseGrades: {
    method: 'post',
    path: '/assignments/{assignment_id}/grades/release',
    tag: 'Assignments',
    summary: 'Show students every grade of an assignment, those that are still to come too',
    auth: 'user',
    params: assignmentId,
    responses: { 200: { description: 'Released, now or before.', schema: Assignment } },
    problems: ['not_found'],
  },
  withholdGrades: {
    method: 'post',
    path: '/assignments/{assignment_id}/grades/withhold',
    tag: 'Assignments',
    summary: 'Take the release back',
    auth: 'user',
    params: assignmentId,
    responses: { 200: { description: 'Not released, now or before.', schema: Assignment } },
    problems: ['not_found'],
  },
  getAssignmentStats: {
    method: 'get',
    path: '/assignments/{assignment_id}/stats',
    tag: 'Assignments',
    summary: 'Count the submissions of an assignment by state, and spread their scores',
    auth: 'user',
    params: assignmentId,
    responses: { 200: { description: 'The figures.', schema: AssignmentStats } },
    problems: ['not_found'],
  },
  createSubmission: {
    method: 'post',
    path: '/submissions',
    tag: 'Submissions',
    summary: 'Submit code to an assignment: one file, several, or an archive',
    description:
      'Stored when answered: whatever crashes afterwards, it will be graded or failed with a reason. With an `Idempotency-Key` the same request can be repeated without submitting twice.',
    auth: 'user',
    headers: z.object({
      'idempotency-key': z
        .string()
        .regex(/^[\x21-\x7e]{1,200}$/, 'must be 1 to 200 printable ASCII characters without spaces')
        .optional()
        .describe('Chosen by the client; remembered for 24 hours.'),
    }),
    body: SubmissionCreate,
    responses: {
      202: {
        description: 'Accepted; grading goes on.',
        schema: Submission,
        headers: { ...location, 'Idempotent-Replayed': '`true` when this answers a repeat.' },
      },
    },
    problems: ['idempotency_key_reused', 'assignment_archived', 'deadline_passed'],
  },
  listSubmissions: {
    method: 'get',
    path: '/submissions',
    tag: 'Submissions',
    summary: 'List submissions, newest first',
    auth: 'user',
    query: SubmissionQuery,
    responses: { 200: { description: 'A page.', schema: SubmissionPage } },
  },
  getSubmission: {
    method: 'get',
    path: '/submissions/{submission_id}',
    tag: 'Submissions',
    summary: 'Read a submission: its result, its attempts, and why it waits',
    auth: 'user',
    params: submissionId,
    responses: { 200: { description: 'The submission.', schema: Submission } },
    problems: ['not_found'],
  },
  getSubmissionFile: {
    method: 'get',
    path: '/submissions/{submission_id}/file',
    tag: 'Submissions',
    summary: 'Download one file of a submission as it was handed in',
    auth: 'user',
    params: submissionId,
    query: z.strictObject({ path: z.string().min(1).max(300).describe('As `files` names it.') }),
    responses: {
      200: {
        description: 'Its bytes.',
        schema: z.string().meta({ format: 'binary' }),
        contentType: 'application/octet-stream',
        headers: { 'Content-Disposition': 'To be saved, under its name.' },
      },
    },
    problems: ['not_found'],
  },
  cancelSubmission: {
    method: 'post',
    path: '/submissions/{submission_id}/cancel',
    tag: 'Submissions',
    summary: 'Cancel a submission that is not final yet',
    description:
      'Whoever submitted may cancel what they asked for: a first attempt without a grade. An attempt that others asked for, such as a regrade, is cancelled by who owns the assignment. The grade in force stays.',
    auth: 'user',
    params: submissionId,
    responses: { 200: { description: 'Cancelled, now or before.', schema: Submission } },
    problems: ['not_found', 'forbidden', 'submission_final'],
  },
  regradeSubmission: {
    method: 'post',
    path: '/submissions/{submission_id}/regrade',
    tag: 'Submissions',
    summary: 'Grade a final submission again, by the assignment as it is now',
    auth: 'user',
    params: submissionId,
    responses: {
      202: { description: 'A new attempt is queued.', schema: Submission, headers: location },
    },
    problems: ['not_found', 'conflict'],
  },
  streamSubmissionEvents: {
    method: 'get',
    path: '/submissions/{submission_id}/events',
    tag: 'Submissions',
    summary: 'Follow a submission live',
    description:
      'Server-Sent Events named `status`; data is a `SubmissionEvent`, the id its `seq`. Begins with the history, after `Last-Event-ID` when given; ends after the event of a final state. Comment lines keep the connection alive.',
    messages: [SubmissionEvent],
    auth: 'user',
    params: submissionId,
    headers: z.object({
      'last-event-id': z
        .string()
        .regex(/^\d{1,9}$/, 'must be the id of an event of this stream')
        .optional(),
    }),
    responses: {
      200: { description: 'The stream.', schema: z.string(), contentType: 'text/event-stream' },
      204: { description: 'Nothing follows `Last-Event-ID`: the submission is final. Do not reconnect.' },
    },
    problems: ['not_found'],
  },
  ...gradesApi,
  ...erasureApi,
  ...regradesApi,
  ...reviewsApi,
  ...standingsApi,
  ...webhooksApi,
  ...auditApi,
  ...operationApi,
});

export const backendApi = defineApi({ ...publicApi, ...internalApi });
