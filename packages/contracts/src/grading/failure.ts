import { z } from 'zod';

/** Why a submission failed. Stable: clients branch on it, the sentence beside it is for people. */
export const FailureCode = z
  .enum([
    // The model
    'llm_refused',
    'llm_content_filtered',
    'llm_rate_limited',
    'llm_quota_exhausted',
    'llm_auth_failed',
    'llm_timeout',
    'llm_unavailable',
    'llm_invalid_answer',
    'llm_request_rejected',
    // The Job and its pod
    'image_pull_failed',
    'invalid_image_name',
    'missing_secret',
    'missing_config',
    'unschedulable',
    'quota_exceeded',
    'admission_refused',
    'start_error',
    'start_timeout',
    'out_of_memory',
    'deadline_exceeded',
    'evicted',
    'node_lost',
    'crashed',
    'job_deleted',
    'job_rejected',
    // The pipeline
    'no_result',
    'result_ungradable',
    'submission_unavailable',
    'runner_misconfigured',
    'queue_timeout',
    'internal_error',
  ])
  .meta({ id: 'FailureCode' });
export type FailureCode = z.output<typeof FailureCode>;

export const Failure = z
  .object({
    code: FailureCode,
    message: z.string().min(1).max(2_000).describe('A sentence a student understands.'),
    retryable: z
      .boolean()
      .describe('Whether another attempt may end better without anyone changing anything.'),
  })
  .meta({ id: 'Failure' });
export type Failure = z.output<typeof Failure>;
