import { z } from 'zod';
import { GradeReason } from './grades.js';
import { Id, Slug, Timestamp, maxPageSize, page, pageQuery, wellFormed } from './primitives.js';

const version = z
  .int()
  .min(1)
  .optional()
  .describe(
    'The version of the grade that you looked at. When somebody has changed it since, you are told what, and nothing is changed.',
  );

export const GradeDecide = z
  .strictObject({
    criteria: z
      .array(
        z.strictObject({
          criterion_id: Slug,
          points: z.number().min(0, 'must not be negative'),
          reason: wellFormed(z.string().trim().max(4_000)).optional().describe('In place of the grader’s.'),
        }),
      )
      .min(1)
      .max(50)
      .refine(
        (all) => new Set(all.map((one) => one.criterion_id)).size === all.length,
        'names a criterion twice',
      )
      .optional()
      .describe('Points for these; the others stay.'),
    score: z
      .number()
      .min(0, 'must not be negative')
      .optional()
      .describe('The whole, whatever the criteria add up to.'),
    feedback: wellFormed(z.string().max(50_000)).optional(),
    reason: GradeReason,
    version,
  })
  .refine(
    ({ criteria, score, feedback }) =>
      criteria !== undefined || score !== undefined || feedback !== undefined,
    'must decide something: criteria, score or feedback',
  )
  .meta({ id: 'GradeDecide' });
export type GradeDecide = z.output<typeof GradeDecide>;

/** Lines of a file of the submission. */
const place = {
  file: z.string().min(1).max(300).describe('As `files` of the submission names it.'),
  start_line: z.int().min(1),
  end_line: z.int().min(1),
};

const text = (most: number) =>
  wellFormed(z.string().trim().min(1, 'must not be empty').max(most, `must be at most ${most} characters`));

const ordered = ({ start_line: start, end_line: end }: { start_line: number; end_line: number }): boolean =>
  start <= end;
const notOrdered = { path: ['end_line'], message: 'must not be before start_line' };

export const CommentCreate = z
  .strictObject({ ...place, text: text(4_000) })
  .refine(ordered, notOrdered)
  .meta({ id: 'CommentCreate' });
export type CommentCreate = z.output<typeof CommentCreate>;

export const Comment = z
  .object({
    comment_id: Id,
    ...place,
    text: z.string(),
    author_id: Id,
    created_at: Timestamp,
    resolved_by: Id.nullable(),
    resolved_at: Timestamp.nullable(),
  })
  .meta({ id: 'Comment', description: 'What somebody says about lines of a submission.' });
export type Comment = z.output<typeof Comment>;
export const CommentList = z.object({ items: z.array(Comment) }).meta({ id: 'CommentList' });

export const ReviewRequestCreate = z
  .strictObject({
    criterion_id: Slug.nullable().default(null).describe('Null for the whole.'),
    lines: z.strictObject(place).refine(ordered, notOrdered).nullable().default(null),
    text: text(4_000).describe('What was overlooked, in the words of whose work it is.'),
  })
  .meta({ id: 'ReviewRequestCreate' });
export type ReviewRequestCreate = z.output<typeof ReviewRequestCreate>;

export const ReviewAnswer = z.strictObject({ answer: text(4_000) }).meta({ id: 'ReviewAnswer' });
export type ReviewAnswer = z.output<typeof ReviewAnswer>;

export const ReviewRequest = z
  .object({
    request_id: Id,
    submission_id: Id,
    criterion_id: z.string().nullable(),
    lines: z.object(place).nullable(),
    text: z.string(),
    grade_version: z.int().nullable().describe('Of the grade that it is about.'),
    state: z.enum(['open', 'resolved']),
    answer: z.string().nullable(),
    grade_changed: z.boolean().nullable().describe('Whether the grade was another when it was answered.'),
    created_at: Timestamp,
    resolved_by: Id.nullable(),
    resolved_at: Timestamp.nullable(),
  })
  .meta({ id: 'ReviewRequest', description: 'A student asks for another look at a grade.' });
export type ReviewRequest = z.output<typeof ReviewRequest>;
export const ReviewRequestList = z
  .object({ items: z.array(ReviewRequest) })
  .meta({ id: 'ReviewRequestList' });

export const ReviewCause = z
  .enum(['requested', 'manipulation', 'unfounded', 'evidence_missing', 'failed'])
  .meta({
    id: 'ReviewCause',
    description:
      '`requested`: its student asks. `manipulation`: it talks to the grader. `unfounded`: the grader quoted what is not there. ' +
      '`evidence_missing`: a criterion was met and no code shows it. `failed`: there is no grade.',
  });
export type ReviewCause = z.output<typeof ReviewCause>;

export const ReviewItem = z
  .object({
    submission_id: Id,
    causes: z.array(ReviewCause),
    score: z.number().nullable(),
    max_score: z.number(),
    grade_version: z.int().nullable(),
    request_ids: z.array(Id).describe('The open requests.'),
    created_at: Timestamp,
  })
  .meta({
    id: 'ReviewItem',
    description: 'A submission that somebody should look at. Says nothing of whose it is.',
  });
export type ReviewItem = z.output<typeof ReviewItem>;
export const ReviewQueue = page(ReviewItem, 'ReviewQueue');
export const ReviewQueueQuery = z.strictObject({
  ...pageQuery,
  cause: ReviewCause.optional(),
  limit: pageQuery.limit.describe(`Items per page, at most ${maxPageSize}.`),
});
