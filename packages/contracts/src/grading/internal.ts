import { z } from 'zod';
import { Id, Timestamp, Traceparent, page, pageQuery, wholeNumber } from '../primitives.js';
import { SubmissionStatus } from '../submissions.js';
import { Failure, FailureCode, maxMessage } from './failure.js';
import { RecordKey } from './runner-record.js';

/** One attempt of one submission. */
export const AttemptRef = z.object({ submission_id: Id, attempt: z.int().min(1) }).meta({ id: 'AttemptRef' });
export type AttemptRef = z.output<typeof AttemptRef>;

/** How many items one internal call may carry. */
export const maxBatch = 500;

/** The scheduler says "I am about to create the Jobs of these". */
export const ClaimRequest = z
  .strictObject({ items: z.array(AttemptRef).min(1).max(maxBatch) })
  .meta({ id: 'ClaimRequest' });

export const ClaimOutcome = z
  .discriminatedUnion('outcome', [
    z.object({
      outcome: z.literal('claimed').describe('Create the Job. Claiming again gives the same.'),
      ...AttemptRef.shape,
      result_token: z.string().describe('For `INTERNAL_RESULT_TOKEN`: good for this attempt alone.'),
      record_key: RecordKey.optional(),
      user_id: Id,
      traceparent: Traceparent.nullable(),
    }),
    z.object({
      outcome: z.literal('held').describe('A Job is wanted, but not now: `hold` of the answer says why.'),
      ...AttemptRef.shape,
    }),
    z.object({
      outcome: z.enum(['unknown', 'final', 'stale']).describe('No Job is wanted; drop the message.'),
      ...AttemptRef.shape,
    }),
  ])
  .meta({ id: 'ClaimOutcome' });
export type ClaimOutcome = z.output<typeof ClaimOutcome>;

/** How the model does: what the pace of new Jobs follows. */
export const LlmPressure = z
  .object({
    rate_limited_recent: z
      .int()
      .min(0)
      .describe('Attempts that ended because of the rate limit of the model in the last minute, everywhere.'),
  })
  .meta({ id: 'LlmPressure' });
export type LlmPressure = z.output<typeof LlmPressure>;

/** A failure that would meet every submission: attempts are let through one at a time until one shows that it is over. */
export const QueueHold = z
  .object({
    code: FailureCode,
    message: z.string().min(1).max(maxMessage),
    retry_after_ms: z.int().min(0).describe('Milliseconds until another claim may be let through.'),
  })
  .meta({ id: 'QueueHold' });
export type QueueHold = z.output<typeof QueueHold>;

export const ClaimAnswer = z
  .object({
    items: z.array(ClaimOutcome).describe('In the order asked for.'),
    llm: LlmPressure,
    hold: QueueHold.nullable().default(null),
  })
  .meta({ id: 'ClaimAnswer' });

/** What the scheduler saw of an attempt's Job. */
export const JobReport = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('running'), ...AttemptRef.shape }),
    z.object({
      kind: z.literal('waiting'),
      ...AttemptRef.shape,
      code: z.string().max(100),
      message: z.string().max(maxMessage),
    }),
    z.object({ kind: z.literal('failed'), ...AttemptRef.shape, failure: Failure }),
  ])
  .meta({ id: 'JobReport' });
export type JobReport = z.output<typeof JobReport>;

export const ReportRequest = z
  .strictObject({ items: z.array(JobReport).min(1).max(maxBatch) })
  .meta({ id: 'ReportRequest' });

export const ReportAnswer = z
  .object({
    items: z.array(
      z.object({
        ...AttemptRef.shape,
        outcome: z.enum(['applied', 'unchanged', 'unknown', 'final', 'stale']),
      }),
    ),
  })
  .meta({ id: 'ReportAnswer' });

export const StatesRequest = z
  .strictObject({ submission_ids: z.array(Id).min(1).max(maxBatch) })
  .meta({ id: 'StatesRequest' });

/** Only those that exist. */
export const StatesAnswer = z
  .object({ items: z.array(z.object({ ...AttemptRef.shape, status: SubmissionStatus })) })
  .meta({ id: 'StatesAnswer' });

/** An attempt that a Job is wanted or at work for. */
export const ActiveAttempt = z
  .object({
    ...AttemptRef.shape,
    status: z.enum(['scheduled', 'running']),
    since: Timestamp.describe('When it came to this state.'),
  })
  .meta({ id: 'ActiveAttempt' });
export type ActiveAttempt = z.output<typeof ActiveAttempt>;

export const ActiveAttemptPage = page(ActiveAttempt, 'ActiveAttemptPage');
export const ActiveAttemptQuery = z.strictObject({
  limit: wholeNumber(1, maxBatch).default(maxBatch).describe('Items per page.'),
  cursor: pageQuery.cursor,
});

/** Answer to a result: the same for a repeat. */
export const ResultAnswer = z
  .object({
    submission_id: Id,
    attempt: z.int(),
    status: SubmissionStatus,
    score: z.number().nullable(),
  })
  .meta({ id: 'ResultAnswer' });
export type ResultAnswer = z.output<typeof ResultAnswer>;

/** Labels on every runner Job and its pods; how Jobs in flight are found. */
export const jobLabels = {
  managedBy: 'app.kubernetes.io/managed-by',
  managedByValue: 'cloudemy-scheduler',
  component: 'app.kubernetes.io/component',
  componentValue: 'runner',
  /** Which installation of Cloudemy the Job belongs to: several may share a namespace. */
  instance: 'app.kubernetes.io/instance',
  submission: 'cloudemy.io/submission-id',
  attempt: 'cloudemy.io/attempt',
} as const;

/** `runner-{submission_id}`, and `-{attempt}` from the second attempt on. */
export function runnerJobName(submissionId: string, attempt: number): string {
  return attempt === 1 ? `runner-${submissionId}` : `runner-${submissionId}-${attempt}`;
}
