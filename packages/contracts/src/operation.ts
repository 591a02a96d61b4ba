import { z } from 'zod';
import { Timestamp } from './primitives.js';

/** What the model did and cost on one day (UTC), by what runners reported. */
export const UsageOfDay = z
  .object({
    day: z.iso.date(),
    graded: z.int().describe('Attempts that ended with a grade.'),
    failed: z
      .record(z.string(), z.int())
      .describe('Attempts that ended without, by the code of their failure.'),
    tokens: z.int(),
    cost_usd: z.number().describe('US dollars, where the price of the model is known.'),
  })
  .meta({ id: 'UsageOfDay' });
export type UsageOfDay = z.output<typeof UsageOfDay>;

export const OperationState = z
  .object({
    checks: z
      .array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string().optional() }))
      .describe('What this replica needs, and whether it answers.'),
    active: z
      .array(
        z.object({
          status: z.enum(['queued', 'scheduled', 'running']),
          count: z.int(),
          oldest_seconds: z
            .int()
            .describe('How long the oldest has been in this state; 0 when there is none.'),
        }),
      )
      .describe('Submissions that are not final. Those scheduled or running have a Job.'),
    waiting: z
      .object({ code: z.string(), message: z.string(), since: Timestamp })
      .nullable()
      .describe('Why nothing is taken off the queue, when that is so.'),
    dead_letters: z.int().describe('Messages that could not be worked on and were not replayed.'),
    usage: z.array(UsageOfDay).describe('Newest first; days without anything are left out.'),
  })
  .meta({ id: 'OperationState' });
export type OperationState = z.output<typeof OperationState>;
