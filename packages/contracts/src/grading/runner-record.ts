import { z } from 'zod';
import { Language, Rubric } from '../assignments.js';
import { FilePart, maxFiles } from '../files.js';
import { Id, Timestamp } from '../primitives.js';

/** What the runner needs to grade one attempt: in Redis for speed, from the backend when Redis lost it. */
export const RunnerRecord = z
  .object({
    submission_id: Id,
    attempt: z.int().min(1),
    language: Language,
    code: z.string().describe('All that the grader reads.'),
    files: z
      .array(FilePart)
      .max(maxFiles)
      .optional()
      .describe('Of several files: where each stands in `code`.'),
    unread: z.array(z.string()).max(maxFiles).optional().describe('Files that are no text.'),
    assignment: z.object({
      assignment_id: Id,
      version: z.int(),
      title: z.string(),
      description: z.string(),
      rubric: Rubric,
    }),
    created_at: Timestamp,
  })
  .meta({ id: 'RunnerRecord' });
export type RunnerRecord = z.output<typeof RunnerRecord>;

/** Opens the record of one attempt. */
export const RecordKey = z
  .string()
  .regex(/^[\w-]{43}$/)
  .describe('For `RECORD_KEY`: opens the record of this attempt in Redis, and no other.');

/** The Redis key that holds the `RunnerRecord` as JSON, sealed for its attempt. */
export const runnerRecordKey = (submissionId: string): string => `submission:${submissionId}`;

/** Redis pub/sub channel on which replicas hint at each other that a submission moved on. */
export const submissionChannel = 'cloudemy:submissions';

/** The hint: MongoDB has the truth, so a lost one costs a little time and nothing else. */
export const SubmissionHint = z.object({
  submission_id: Id,
  attempt: z.int().min(1),
  status: z.string(),
  seq: z.int(),
});
export type SubmissionHint = z.output<typeof SubmissionHint>;

/** What the channel carries: one hint, or those of many submissions that moved in one write. */
export const SubmissionHints = z.union([z.array(SubmissionHint), SubmissionHint.transform((hint) => [hint])]);
