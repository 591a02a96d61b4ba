import { z } from 'zod';
import { DeadLetter, DeadLetterPage, DeadLetterQuery, DeadLetterReport } from '../grading/dead-letters.js';
import {
  ActiveAttemptPage,
  ActiveAttemptQuery,
  ClaimAnswer,
  ClaimRequest,
  ReportAnswer,
  ReportRequest,
  ResultAnswer,
  StatesAnswer,
  StatesRequest,
} from '../grading/internal.js';
import { ResultCallback } from '../grading/result.js';
import { RunnerRecord } from '../grading/runner-record.js';
import { defineApi } from '../http/route.js';
import { Id } from '../primitives.js';

const submissionId = z.object({ submission_id: Id });
const resultToken = z.object({ 'x-result-token': z.string().max(4_096).optional() });

/** The largest batch the contract allows, with every character escaped. */
const batchLimit = { bytes: 8 * 1_024 * 1_024, values: 20_000 };

/** What scheduler and runner report and read; below `/internal`. */
export const internalApi = defineApi({
  claimSubmissions: {
    method: 'post',
    path: '/internal/submissions/claim',
    tag: 'Internal',
    summary: 'Take attempts off the queue: which of them want a Job, and the token of each',
    auth: 'service',
    body: ClaimRequest,
    bodyLimit: batchLimit,
    responses: { 200: { description: 'One outcome per item, in order.', schema: ClaimAnswer } },
  },
  reportJobs: {
    method: 'post',
    path: '/internal/submissions/reports',
    tag: 'Internal',
    summary: 'Report what became of Jobs',
    auth: 'service',
    body: ReportRequest,
    bodyLimit: batchLimit,
    responses: { 200: { description: 'One outcome per item, in order.', schema: ReportAnswer } },
  },
  readStates: {
    method: 'post',
    path: '/internal/submissions/states',
    tag: 'Internal',
    summary: 'Read the states of many submissions',
    auth: 'service',
    body: StatesRequest,
    bodyLimit: batchLimit,
    responses: { 200: { description: 'Those that exist.', schema: StatesAnswer } },
  },
  listActiveAttempts: {
    method: 'get',
    path: '/internal/submissions/active',
    tag: 'Internal',
    summary: 'Attempts that are scheduled or running, to be held against the Jobs that exist',
    description:
      'Scheduled ones first. One that moves on while the pages are read is on a later page, never missed.',
    auth: 'service',
    query: ActiveAttemptQuery,
    responses: { 200: { description: 'A page.', schema: ActiveAttemptPage } },
  },
  reportDeadLetter: {
    method: 'post',
    path: '/internal/dead-letters',
    tag: 'Internal',
    summary: 'Hand over a message that cannot be worked on',
    description:
      'Kept to be looked at, once however often it is reported. The submission it is about, if that is known and not final, fails with a reason.',
    auth: 'service',
    body: DeadLetterReport,
    bodyLimit: batchLimit,
    responses: { 200: { description: 'Kept, now or before.', schema: DeadLetter } },
  },
  listDeadLetters: {
    method: 'get',
    path: '/internal/dead-letters',
    tag: 'Internal',
    summary: 'Messages that could not be worked on, newest first',
    auth: 'service',
    query: DeadLetterQuery,
    responses: { 200: { description: 'A page.', schema: DeadLetterPage } },
  },
  replayDeadLetter: {
    method: 'post',
    path: '/internal/dead-letters/{dead_letter_id}/replay',
    tag: 'Internal',
    summary: 'Grade the submission of a dead letter again',
    auth: 'service',
    params: z.object({ dead_letter_id: Id }),
    responses: { 200: { description: 'Replayed, now or before.', schema: DeadLetter } },
    problems: ['not_found', 'conflict'],
  },
  getRunnerRecord: {
    method: 'get',
    path: '/internal/submissions/{submission_id}',
    tag: 'Internal',
    summary: 'What the runner needs, when Redis does not have it',
    auth: 'result-token',
    params: submissionId,
    headers: resultToken,
    responses: { 200: { description: 'The record.', schema: RunnerRecord } },
    problems: ['invalid_result_token', 'stale_attempt', 'submission_final'],
  },
  reportStarted: {
    method: 'post',
    path: '/internal/submissions/{submission_id}/started',
    tag: 'Internal',
    summary: 'The runner has begun',
    auth: 'result-token',
    params: submissionId,
    headers: resultToken,
    responses: { 200: { description: 'Noted, now or before.', schema: ResultAnswer } },
    problems: ['invalid_result_token', 'stale_attempt', 'submission_final'],
  },
  deliverResult: {
    method: 'post',
    path: '/internal/submissions/{submission_id}/result',
    tag: 'Internal',
    summary: "The runner's callback",
    description:
      'The first valid result of the current attempt wins; a repeat gets the same answer. One that is out of range or malformed fails the submission as ungradable, with the payload kept.',
    auth: 'result-token',
    params: submissionId,
    headers: resultToken,
    body: ResultCallback,
    responses: { 200: { description: 'Taken, now or before.', schema: ResultAnswer } },
    problems: ['invalid_result_token', 'stale_attempt', 'submission_final', 'result_ungradable'],
  },
});
