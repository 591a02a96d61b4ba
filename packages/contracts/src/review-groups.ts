import { z } from 'zod';
import { Id, wholeNumber } from './primitives.js';
import { ReviewCause } from './reviews.js';

/** Submissions that are looked at for groups; when some are settled, others follow. */
export const maxGrouped = 1_000;

export const ReviewGroup = z
  .object({
    group_id: z.string().describe('The same as long as its verdicts and its code are.'),
    score: z.number(),
    max_score: z.number(),
    causes: z.array(ReviewCause).describe('Why somebody should look at one of them, if for a reason.'),
    criteria: z.array(
      z.object({
        criterion_id: z.string(),
        title: z.string().optional(),
        points: z.number(),
        max_points: z.number(),
      }),
    ),
    submissions: z
      .array(
        z.object({
          submission_id: Id,
          grade_version: z.int().describe('Send it with a decision: nobody has changed the grade since.'),
        }),
      )
      .min(1),
  })
  .meta({
    id: 'ReviewGroup',
    description: 'Submissions with the same verdicts and, comments and spaces aside, the same code.',
  });
export type ReviewGroup = z.output<typeof ReviewGroup>;

export const ReviewGroups = z
  .object({
    items: z.array(ReviewGroup).describe('The largest first.'),
    groups: z.int().describe('How many there are, those included that are left out here.'),
    submissions: z.int().describe(`How many were looked at: at most ${maxGrouped}, the newest.`),
  })
  .meta({ id: 'ReviewGroups' });
export type ReviewGroups = z.output<typeof ReviewGroups>;

export const ReviewGroupsQuery = z.strictObject({
  limit: wholeNumber(1, 200).default(100).describe('Groups at most.'),
});
