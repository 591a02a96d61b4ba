import { z } from 'zod';
import { Timestamp, wellFormed } from './primitives.js';

export const GradeSource = z.enum(['attempt', 'restored', 'decided', 'undone', 'applied']).meta({
  id: 'GradeSource',
  description:
    '`attempt`: a grader graded the attempt. `restored`: a person put the grade of an earlier attempt in force again. ' +
    '`decided`: a person decided the points. `undone`: a person took the last change back. `applied`: a person put the draft of a regrade in force.',
});
export type GradeSource = z.output<typeof GradeSource>;

const points = {
  source: GradeSource,
  attempt: z.int().min(1).describe('The attempt it is from.'),
  assignment_version: z.int().describe('The version of the assignment it was graded by.'),
  score: z.number(),
  max_score: z.number(),
};

const author = {
  actor: z.string().describe('Who put it in force: `user:<id>` or `runner`.'),
  reason: z.string().nullable().describe('Why, if a person did.'),
};

/** What counts: only another grade takes its place, whatever becomes of later attempts. */
export const Grade = z
  .object({
    ...points,
    ...author,
    graded_at: Timestamp.describe('Since when it is in force.'),
    version: z
      .int()
      .min(1)
      .describe(
        'Another one after each change. Send it with a change, which is refused if yours is not the latest.',
      ),
  })
  .meta({ id: 'Grade', description: 'The grade in force.' });
export type Grade = z.output<typeof Grade>;

/** What an event of a submission put in force. */
export const GradeStep = z.object(points).meta({ id: 'GradeStep' });
export type GradeStep = z.output<typeof GradeStep>;

export const GradeChange = z
  .object({ version: z.int().min(1), at: Timestamp, ...points, ...author })
  .meta({ id: 'GradeChange', description: 'A grade that came into force.' });
export type GradeChange = z.output<typeof GradeChange>;

export const GradeChanges = z
  .object({ items: z.array(GradeChange).describe('First to last; the last one is in force.') })
  .meta({ id: 'GradeChanges' });
export type GradeChanges = z.output<typeof GradeChanges>;

/** Why a person changes a grade: kept for ever, and shown to whose it is. */
export const GradeReason = wellFormed(
  z.string().trim().min(1, 'must say why').max(2_000, 'must be at most 2000 characters'),
);

const version = z
  .int()
  .min(1)
  .optional()
  .describe(
    'The version of the grade that you looked at. When it is not the latest any more, nothing is changed.',
  );

export const GradeRestore = z
  .strictObject({
    attempt: z.int().min(1).describe('The graded attempt whose grade is to count again.'),
    reason: GradeReason,
    version,
  })
  .meta({ id: 'GradeRestore' });
export type GradeRestore = z.output<typeof GradeRestore>;

export const GradeUndo = z.strictObject({ reason: GradeReason, version }).meta({ id: 'GradeUndo' });
export type GradeUndo = z.output<typeof GradeUndo>;
