import { z } from 'zod';
import { Grade } from './grades.js';
import { Id, Slug, Timestamp, page, pageQuery, queryFlag } from './primitives.js';
import { SubmissionStatus } from './submissions.js';

/** Which submission of somebody counts. */
export const Counts = z.enum(['last', 'best']).meta({
  id: 'Counts',
  description:
    '`last`: the last one that has a grade. `best`: the one with the largest share of its points, of several the last. ' +
    'While none has a grade, the last one.',
});
export type Counts = z.output<typeof Counts>;

const counts = Counts.default('last');
/** Points in a query: JavaScript would take an empty text and `0x10` for numbers too. */
const points = z
  .preprocess(
    (given) => (typeof given === 'string' && /^\d{1,7}(\.\d{1,6})?$/.test(given) ? Number(given) : given),
    z.number('must be a number such as 7.5').min(0).max(1_000_000),
  )
  .meta({ type: 'number', minimum: 0, maximum: 1_000_000 })
  .optional();

export const Standing = z
  .object({
    user_id: Id,
    name: z.string().nullable().describe('Null for somebody whose account is not there.'),
    email: z.string().nullable(),
    submissions: z.int().min(1).describe('How many they handed in.'),
    submission_id: Id.describe('The one that counts.'),
    status: SubmissionStatus,
    score: z.number().nullable(),
    max_score: z.number(),
    fail_tags: z.array(z.string()),
    flagged: z.boolean().describe('A tag asks a person to look at it.'),
    grade: Grade.nullable(),
    created_at: Timestamp.describe('When it was handed in.'),
  })
  .meta({ id: 'Standing', description: 'A student at an assignment, with the submission that counts.' });
export type Standing = z.output<typeof Standing>;

export const StandingPage = page(Standing, 'StandingPage');

export const StandingSort = z
  .enum(['name', '-name', 'score', '-score', 'created_at', '-created_at'])
  .meta({ id: 'StandingSort', description: 'A minus puts the largest first. Who has no score is last.' });
export type StandingSort = z.output<typeof StandingSort>;

export const StandingQuery = z.strictObject({
  ...pageQuery,
  counts,
  sort: StandingSort.default('name'),
  search: z.string().trim().min(1).max(100).optional().describe('A part of the name or the address.'),
  tag: Slug.optional().describe('Only with this fail tag.'),
  flagged: queryFlag.optional().describe('Only those that a person should look at, or only the others.'),
  status: SubmissionStatus.optional(),
  min_score: points.describe('Only with at least these points.'),
  max_score: points.describe('Only with at most these points.'),
});
export type StandingQuery = z.output<typeof StandingQuery>;

export const CountsQuery = z.strictObject({ counts });

export const CriterionStatistics = z
  .object({
    criterion_id: z.string(),
    title: z.string().nullable(),
    graded: z.int().describe('Grades that have this criterion.'),
    met: z.int().describe('Of those, how many met it.'),
    mean_points: z.number(),
    max_points: z.number().describe('The most that any of these grades could give.'),
  })
  .meta({ id: 'CriterionStatistics' });
export type CriterionStatistics = z.output<typeof CriterionStatistics>;

export const GradeStatistics = z
  .object({
    students: z.int().describe('Who handed something in.'),
    graded: z.int().describe('Of those, who have a grade.'),
    mean: z.number().nullable().describe('Of the points.'),
    median: z.number().nullable(),
    lowest: z.number().nullable(),
    highest: z.number().nullable(),
    distribution: z
      .array(z.int())
      .length(10)
      .describe('Grades by the share of their points: below 10 %, below 20 %, to 90 % and more.'),
    criteria: z.array(CriterionStatistics),
    tags: z.array(z.object({ tag: z.string(), count: z.int() })).describe('Most frequent first.'),
  })
  .meta({ id: 'GradeStatistics', description: 'Of the submissions that count, one of each student.' });
export type GradeStatistics = z.output<typeof GradeStatistics>;
