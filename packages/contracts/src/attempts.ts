import { z } from 'zod';
import { Rubric } from './assignments.js';
import { CriterionResult, Metrics } from './grading/result.js';
import { Id } from './primitives.js';
import { AttemptSummary } from './submissions.js';

/** An attempt with its whole result, also after others have followed. */
export const AttemptDetail = z
  .object({
    submission_id: Id,
    ...AttemptSummary.shape,
    in_force: z.boolean().describe('Whether the grade in force is this attempt’s, as the grader gave it.'),
    feedback: z.string().nullable(),
    criteria: z.array(CriterionResult),
    metrics: Metrics.nullable(),
    assignment: z
      .object({ version: z.int(), title: z.string(), description: z.string(), rubric: Rubric })
      .nullable()
      .describe('The assignment as this attempt was graded by it. Null if that was not kept yet.'),
  })
  .meta({ id: 'AttemptDetail' });
export type AttemptDetail = z.output<typeof AttemptDetail>;
