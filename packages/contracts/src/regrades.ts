import { z } from 'zod';
import { GradeReason } from './grades.js';
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
    submission_ids: z
      .array(Id)
      .min(1)
      .max(200)
      .optional()
      .describe('Only these, to try it on a few; they must be of the assignment and end as `statuses` says.'),
    draft: z
      .boolean()
      .default(false)
      .describe('Changes no grade: look at the results, then apply or discard them.'),
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
      .enum(['preparing', 'running', 'paused', 'done', 'cancelled'])
      .describe(
        'While `preparing`, submissions are still being listed and `total` grows. `paused`: what failed would fail for all; resume it when that is mended.',
      ),
    paused_for: z
      .object({ code: FailureCode, message: z.string(), since: Timestamp })
      .nullable()
      .describe('Why it stopped by itself.'),
    draft: z.boolean(),
    applied: z.int().describe('Grades of this draft that were put in force and not taken back.'),
    discarded_at: Timestamp.nullable().describe('Since when nothing of this draft can be applied.'),
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
    before: z
      .object({ version: z.int(), score: z.number(), max_score: z.number() })
      .nullable()
      .describe('The grade that was in force when it began; a draft is applied to that one alone.'),
    change: z.number().nullable().describe('Points by which the new attempt differs from that grade.'),
    applied: z.boolean().describe('Whether it was put in force from a draft.'),
  })
  .meta({ id: 'RegradeResult', description: 'A submission before and after.' });
export type RegradeResult = z.output<typeof RegradeResult>;

export const RegradeResultPage = page(RegradeResult, 'RegradeResultPage');
export const RegradeResultQuery = z.strictObject({
  ...pageQuery,
  state: RegradeItemState.optional(),
  sort: z
    .enum(['submission', 'change'])
    .default('submission')
    .describe('`change`: what differs most comes first, by the share of the points.'),
});

const apart = {
  submission_ids: z
    .array(Id)
    .min(1)
    .max(500)
    .optional()
    .describe('Only these; all that are graded when left out.'),
  reason: GradeReason,
  skip_moved: z
    .boolean()
    .default(false)
    .describe('Leaves those alone whose grade is another by now, instead of refusing the whole.'),
};

export const RegradeApply = z.strictObject(apart).meta({ id: 'RegradeApply' });
export type RegradeApply = z.output<typeof RegradeApply>;

export const RegradeUndo = z.strictObject(apart).meta({ id: 'RegradeUndo' });
export type RegradeUndo = z.output<typeof RegradeUndo>;

export const RegradeEstimate = z
  .object({
    submissions: z.int().describe('How many would be graded again.'),
    tokens: z.int().nullable(),
    cost_usd: z.number().nullable().describe('Null when the price of the model is unknown.'),
    minutes: z.number().nullable().describe('While nothing else is graded.'),
    based_on: z.int().describe('Gradings that this is reckoned from, the last of the assignment.'),
  })
  .meta({ id: 'RegradeEstimate' });
export type RegradeEstimate = z.output<typeof RegradeEstimate>;

export type RegradeResultQuery = z.output<typeof RegradeResultQuery>;
