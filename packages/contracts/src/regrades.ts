import { z } from 'zod';
import { Failure, FailureCode } from './grading/failure.js';
import { Id, Timestamp, page, pageQuery } from './primitives.js';
import { SubmissionStatus, finalStatuses } from './submissions.js';

export const RegradeRequest = z
  .strictObject({
    statuses: z
      .array(z.enum(finalStatuses))
      .min(1)
      .max(finalStatuses.length)
      .default(['graded', 'failed'])
      .describe('Which submissions to grade again, by the state they ended in.'),
    failure_codes: z
      .array(FailureCode)
      .min(1)
      .max(FailureCode.options.length)
      .optional()
      .describe(
        'Only submissions that failed for one of these, whatever `statuses` says: what an outage or a refused key ended.',
      ),
  })
  .prefault({})
  .meta({ id: 'RegradeRequest' });
export type RegradeRequest = z.output<typeof RegradeRequest>;

export const Regrade = z
  .object({
    regrade_id: Id,
    assignment_id: Id,
    requested_by: z.string(),
    statuses: z.array(z.enum(finalStatuses)),
    failure_codes: z.array(FailureCode).nullable().describe('Null when failures of every code count.'),
    state: z
      .enum(['preparing', 'running', 'done', 'cancelled'])
      .describe('While `preparing`, submissions are still being listed and `total` grows.'),
    total: z.int().describe('Submissions this is about.'),
    queued: z.int().describe('Not begun yet.'),
    running: z.int().describe('Being graded again.'),
    done: z.int().describe('Graded again.'),
    failed: z.int().describe('Their new attempt failed; they keep the grade they had.'),
    cancelled: z.int().describe('Cancelled with the regrade or by a person; they keep their grade.'),
    skipped: z.int().describe('Left alone: graded again by a person meanwhile, or not in `statuses`.'),
    created_at: Timestamp,
    finished_at: Timestamp.nullable().describe('When the last of them ended.'),
  })
  .meta({ id: 'Regrade', description: 'The grading again of the submissions of an assignment.' });
export type Regrade = z.output<typeof Regrade>;

export const RegradePage = page(Regrade, 'RegradePage');
export const RegradeQuery = z.strictObject({ ...pageQuery, assignment_id: Id.optional() });

/** How an attempt ended. */
export const AttemptOutcome = z
  .object({
    attempt: z.int().min(1),
    assignment_version: z.int(),
    status: SubmissionStatus,
    score: z.number().nullable(),
    max_score: z.number(),
    fail_tags: z.array(z.string()),
    failure: Failure.nullable(),
  })
  .meta({ id: 'AttemptOutcome' });
export type AttemptOutcome = z.output<typeof AttemptOutcome>;

export const RegradeItemState = z.enum(['queued', 'running', 'done', 'failed', 'cancelled', 'skipped']);
export type RegradeItemState = z.output<typeof RegradeItemState>;

export const RegradeResult = z
  .object({
    submission_id: Id,
    state: RegradeItemState,
    old: AttemptOutcome.nullable().describe('Null before it has begun.'),
    new: AttemptOutcome.nullable().describe('Null before it has ended.'),
  })
  .meta({ id: 'RegradeResult', description: 'A submission before and after.' });
export type RegradeResult = z.output<typeof RegradeResult>;

export const RegradeResultPage = page(RegradeResult, 'RegradeResultPage');
export const RegradeResultQuery = z.strictObject({ ...pageQuery, state: RegradeItemState.optional() });
