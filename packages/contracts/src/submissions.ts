import { z } from 'zod';
import { Language } from './assignments.js';
import { Grade, GradeStep } from './grades.js';
import { FileCreate, SubmittedFile, maxFiles } from './files.js';
import { Failure } from './grading/failure.js';
import { CriterionResult, Metrics } from './grading/result.js';
import { Id, Instant, Timestamp, page, pageQuery, wellFormed } from './primitives.js';

export const SubmissionStatus = z
  .enum(['queued', 'scheduled', 'running', 'graded', 'failed', 'cancelled'])
  .meta({ id: 'SubmissionStatus' });
export type SubmissionStatus = z.output<typeof SubmissionStatus>;

/** Nothing but a request to grade again leads out of these. */
export const finalStatuses = ['graded', 'failed', 'cancelled'] as const satisfies SubmissionStatus[];

export function isFinal(status: SubmissionStatus): boolean {
  return finalStatuses.some((final) => final === status);
}

export const SubmissionCreate = z
  .strictObject({
    assignment_id: Id,
    code: wellFormed(z.string())
      .refine((code) => code.trim() !== '', 'must not be empty')
      .optional()
      .describe('What was written, when it is one file.'),
    files: z
      .array(FileCreate)
      .min(1, 'must hold at least one file')
      .max(maxFiles, `must hold at most ${maxFiles} files`)
      .optional()
      .describe('Several files. Of a notebook (`.ipynb`) the grader reads the cells, each as a file.'),
    archive: z
      .base64('must be a ZIP archive in base64')
      .min(1)
      .optional()
      .describe('The files as a ZIP archive, in base64.'),
    language: Language.optional().describe("Must be the assignment's language, when given."),
    user_id: Id.optional().describe('On whose behalf; yourself when left out.'),
  })
  .refine(
    ({ code, files, archive }) => [code, files, archive].filter((one) => one !== undefined).length === 1,
    {
      path: ['code'],
      message: 'is needed, or files or archive in its place: exactly one of the three',
      // Said beside what else is wrong.
      when: ({ value }) => typeof value === 'object' && value !== null,
    },
  )
  .meta({ id: 'SubmissionCreate' });
export type SubmissionCreate = z.output<typeof SubmissionCreate>;

export const HistoryEntry = z
  .object({
    seq: z.int().min(1).describe('Grows by one; the id of the event on the stream.'),
    at: Timestamp,
    status: SubmissionStatus,
    attempt: z.int().min(1),
    actor: z
      .string()
      .describe('Who made the transition: `user:<id>`, `scheduler`, `runner`, `backend`, `operator`.'),
    reason: z.string().nullable(),
    failure: Failure.nullable().describe('Why the attempt ended that this transition ended, if it failed.'),
    grade: GradeStep.nullable().describe(
      "The grade that came into force. Of another source than `attempt` it is a person's change, and no transition.",
    ),
  })
  .meta({ id: 'HistoryEntry' });
export type HistoryEntry = z.output<typeof HistoryEntry>;

export const Waiting = z
  .object({ code: z.string(), message: z.string(), since: Timestamp })
  .meta({ id: 'Waiting', description: 'Why the submission does not move at the moment.' });

/** Where a queued submission stands. */
export const QueuePlace = z
  .object({
    position: z.int().min(1).describe('1 is next.'),
    ahead: z.int().min(0).describe('How many go before it, as things are now.'),
    lane: z.enum(['normal', 'bulk']).describe('`bulk` while a bulk regrade works on it: others go first.'),
  })
  .meta({ id: 'QueuePlace' });
export type QueuePlace = z.output<typeof QueuePlace>;

export const AttemptSummary = z
  .object({
    attempt: z.int().min(1),
    assignment_version: z.int().describe('The version of the assignment it is graded by.'),
    draft: z
      .boolean()
      .describe('Of a draft, which changes no grade; whose submission it is does not see its result.'),
    status: SubmissionStatus.describe('Where it is, or how it ended.'),
    score: z.number().nullable(),
    max_score: z.number(),
    fail_tags: z.array(z.string()),
    failure: Failure.nullable(),
    queued_at: Timestamp,
    started_at: Timestamp.nullable().describe('When its runner began, if anyone said so.'),
    finished_at: Timestamp.nullable(),
  })
  .meta({ id: 'AttemptSummary' });
export type AttemptSummary = z.output<typeof AttemptSummary>;

const summary = {
  submission_id: Id,
  assignment_id: Id,
  assignment_version: z.int().describe('The version of the assignment this attempt is graded by.'),
  user_id: Id.describe('Whose it is.'),
  submitted_by: Id.nullable().describe(
    'Who handed it in: somebody else may have, for its owner. Null if that was not noted yet.',
  ),
  language: Language,
  code_bytes: z.int(),
  status: SubmissionStatus,
  attempt: z.int().min(1),
  score: z.number().nullable().describe('Of the grade in force.'),
  max_score: z.number().describe('Of the grade in force; of this attempt while there is none.'),
  fail_tags: z.array(z.string()).describe('Of the grade in force.'),
  grade: Grade.nullable().describe(
    'The grade in force. It stays while a new attempt waits, and when that fails or is cancelled.',
  ),
  grade_withheld: z
    .boolean()
    .describe('A grade is not shown to this reader yet, see `grades_visible` of the assignment.'),
  failure: Failure.nullable().describe('Why the current attempt failed.'),
  waiting: Waiting.nullable(),
  created_at: Timestamp,
  updated_at: Timestamp,
  finished_at: Timestamp.nullable(),
  erased_at: Timestamp.nullable().describe('When its words were erased; its points stay.'),
};

export const SubmissionSummary = z.object(summary).meta({ id: 'SubmissionSummary' });
export type SubmissionSummary = z.output<typeof SubmissionSummary>;

export const Submission = z
  .object({
    ...summary,
    code: z.string().describe('All that the grader reads: of several files one after the other.'),
    files: z.array(SubmittedFile).describe('Every file; code that was handed in without a name is one.'),
    feedback: z.string().nullable().describe('Of the grade in force.'),
    criteria: z.array(CriterionResult).describe('Of the grade in force.'),
    metrics: Metrics.nullable().describe('Of the current attempt.'),
    queue: QueuePlace.nullable().describe('Null unless it is on the queue and the queue answers.'),
    attempts: z.array(AttemptSummary).describe('Every attempt, first to last: old and new side by side.'),
    history: z.array(HistoryEntry),
  })
  .meta({ id: 'Submission' });
export type Submission = z.output<typeof Submission>;

export const SubmissionPage = page(SubmissionSummary, 'SubmissionPage');

export const SubmissionQuery = z.strictObject({
  ...pageQuery,
  assignment_id: Id.optional(),
  user_id: Id.optional(),
  status: SubmissionStatus.optional(),
  created_after: Instant.optional().describe('Only those created at or after this instant.'),
  created_before: Instant.optional().describe('Only those created before this instant.'),
});

export const SubmissionEvent = z
  .object({
    submission_id: Id,
    ...HistoryEntry.shape,
    final: z.boolean(),
    score: z.number().nullable(),
    max_score: z.number(),
  })
  .meta({ id: 'SubmissionEvent', description: 'Data of a `status` event on the stream of a submission.' });
export type SubmissionEvent = z.output<typeof SubmissionEvent>;
