import { z } from 'zod';
import { Id, Timestamp } from './primitives.js';

/** How many parts the scores are spread over. */
export const scoreBands = 10;

const Count = z.int().min(0);

/** How an assignment goes, over all its submissions. */
export const AssignmentStats = z
  .object({
    assignment_id: Id,
    submissions: Count,
    by_status: z.object({
      queued: Count,
      scheduled: Count,
      running: Count,
      graded: Count,
      failed: Count,
      cancelled: Count,
    }),
    scores: z
      .object({
        mean: z.number().nullable(),
        median: z.number().nullable(),
        distribution: z
          .array(Count)
          .length(scoreBands)
          .describe(
            'Graded submissions by tenth of the most points, the lowest first; full marks are in the last.',
          ),
      })
      .describe(
        'Of the grades in force, each as a share from 0 to 1 of the most points it could get; null while there is none.',
      ),
    as_of: Timestamp.describe('Final submissions are counted as they were then, a few seconds ago at most.'),
  })
  .meta({ id: 'AssignmentStats' });
export type AssignmentStats = z.output<typeof AssignmentStats>;
