import { z } from 'zod';
import { faultIn, scheduleFields, shownSchedule } from './courses/schedule.js';
import { Id, Slug, Timestamp, Title, page, pageQuery, wellFormed } from './primitives.js';

/** Languages a submission can be in. The grader reads code and never runs it, so a name is all it takes. */
export const Language = z
  .enum([
    'bash',
    'c',
    'cpp',
    'csharp',
    'css',
    'dart',
    'elixir',
    'go',
    'haskell',
    'html',
    'java',
    'javascript',
    'julia',
    'kotlin',
    'lua',
    'matlab',
    'ocaml',
    'perl',
    'php',
    'powershell',
    'python',
    'r',
    'ruby',
    'rust',
    'scala',
    'sql',
    'swift',
    'typescript',
  ])
  .meta({ id: 'Language' });
export type Language = z.output<typeof Language>;

export const Criterion = z
  .strictObject({
    criterion_id: Slug.describe('Unique within the rubric.'),
    title: Title,
    description: wellFormed(z.string().trim().max(4_000)).default('').describe('What the code must show.'),
    points: z.number().positive('must be more than 0').max(10_000),
    fail_tag: Slug.nullable().default(null).describe('Put on a submission that does not meet this.'),
  })
  .meta({ id: 'Criterion' });
export type Criterion = z.output<typeof Criterion>;

export const Rubric = z
  .strictObject({
    criteria: z
      .array(Criterion)
      .min(1, 'must hold at least one criterion')
      .max(50, 'must hold at most 50 criteria')
      .superRefine((criteria, context) => {
        const seen = new Set<string>();
        for (const [index, { criterion_id }] of criteria.entries()) {
          if (seen.has(criterion_id)) {
            context.addIssue({
              code: 'custom',
              path: [index, 'criterion_id'],
              message: `is used twice: ${criterion_id}`,
            });
          }
          seen.add(criterion_id);
        }
      }),
  })
  .meta({ id: 'Rubric' });
export type Rubric = z.output<typeof Rubric>;

/** The most points a rubric can give. Ten criteria of 0.1 points are one point. */
export function maxScore(rubric: Rubric): number {
  const sum = rubric.criteria.reduce((total, criterion) => total + criterion.points, 0);
  return Number(sum.toFixed(6));
}

export const Limits = z
  .strictObject({
    max_code_bytes: z
      .int()
      .min(1)
      .nullable()
      .default(null)
      .describe("UTF-8 bytes a submission may have; null means the server's own limit, which always holds."),
  })
  .meta({ id: 'Limits' });

const assignmentFields = {
  title: Title,
  description: wellFormed(z.string().trim().min(1, 'must not be empty').max(20_000)).describe(
    'The task, as the students and the grader read it.',
  ),
  language: Language,
  rubric: Rubric,
};

export const AssignmentCreate = z
  .strictObject({
    ...assignmentFields,
    limits: Limits.prefault({}),
    course_id: Id.nullable()
      .default(null)
      .describe('Of a course that you teach. Then it is there for its people alone; it stays in it.'),
    release_at: scheduleFields.release_at.default(null),
    due_at: scheduleFields.due_at.default(null),
    late_until: scheduleFields.late_until.default(null),
    grades_visible: scheduleFields.grades_visible.default('at_once'),
  })
  .superRefine((given, context) => {
    const fault = faultIn(given);
    if (fault !== undefined) context.addIssue({ code: 'custom', path: [fault.path], message: fault.reason });
  })
  .meta({ id: 'AssignmentCreate' });
export type AssignmentCreate = z.output<typeof AssignmentCreate>;

export const AssignmentUpdate = z
  .strictObject({ ...assignmentFields, limits: Limits, ...scheduleFields })
  .partial()
  .extend({
    version: z
      .int()
      .min(1)
      .optional()
      .describe('The version you read; the update is refused (409) when the assignment has moved on.'),
  })
  .refine(({ version: _, ...changes }) => Object.keys(changes).length > 0, 'must change at least one field')
  .meta({ id: 'AssignmentUpdate' });
export type AssignmentUpdate = z.output<typeof AssignmentUpdate>;

export const Assignment = z
  .object({
    assignment_id: Id,
    owner_id: Id,
    ...assignmentFields,
    limits: Limits,
    ...shownSchedule,
    max_score: z.number(),
    version: z.int().describe('Grows by one with every update.'),
    archived_at: Timestamp.nullable().describe('Archived assignments take no new submissions.'),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .meta({ id: 'Assignment' });
export type Assignment = z.output<typeof Assignment>;

export const AssignmentPage = page(Assignment, 'AssignmentPage');

export const AssignmentQuery = z.strictObject({
  ...pageQuery,
  owner_id: Id.optional(),
  language: Language.optional(),
  course_id: Id.optional(),
  archived: z.enum(['true', 'false']).optional().describe('Only archived ones, or only live ones.'),
});
