import { z } from 'zod';
import { Slug } from '../primitives.js';
import { Failure } from './failure.js';
import { Transcript } from './transcript.js';

export const CriterionResult = z
  .object({
    criterion_id: Slug,
    met: z.boolean(),
    points: z.number().min(0).describe('Points given, at most those of the criterion.'),
    max_points: z.number().min(0),
    reason: z.string().max(4_000),
    evidence: z
      .string()
      .max(2_000)
      .nullable()
      .describe('A quotation that occurs in the code; null when the grader quoted nothing that does.'),
    file: z.string().max(300).nullable().optional().describe('Where the quotation stands.'),
    start_line: z.int().min(1).nullable().optional().describe('Its first line in that file.'),
    end_line: z.int().min(1).nullable().optional().describe('Its last.'),
    title: z.string().max(200).optional().describe('As the rubric had it that this was graded by.'),
    original: z
      .object({ met: z.boolean(), points: z.number(), reason: z.string() })
      .optional()
      .describe('What the grader said, where a person decided otherwise.'),
  })
  .meta({ id: 'CriterionResult' });
export type CriterionResult = z.output<typeof CriterionResult>;

/** Fit for a field of a document and for a column. */
const metricName = /^[A-Za-z]\w{0,63}$/;

/** Figures of one result at most; more are left out. */
export const maxMetrics = 50;

/** What the grading cost. Runners may add figures of their own. */
export const Metrics = z
  .object({
    model: z.string().max(200).optional().describe('As the endpoint named it.'),
    prompt_tokens: z.int().min(0).optional(),
    completion_tokens: z.int().min(0).optional(),
    total_tokens: z.int().min(0).optional(),
    cost_usd: z
      .number()
      .min(0)
      .nullable()
      .optional()
      .describe('Null when the price of the model is unknown.'),
    llm_ms: z.number().min(0).optional().describe('Milliseconds spent waiting for the model.'),
    total_ms: z.number().min(0).optional().describe("Milliseconds from the runner's start to its callback."),
    retries: z.int().min(0).optional().describe('Requests to the model that had to be repeated.'),
  })
  .catchall(z.union([z.string().max(500), z.number(), z.boolean(), z.null()]))
  .refine(
    (metrics) =>
      Object.keys(metrics).length <= maxMetrics &&
      Object.keys(metrics).every((name) => metricName.test(name)),
    'must be at most 50 figures, each named by a letter and up to 63 letters, digits and _',
  )
  .meta({
    id: 'Metrics',
    maxProperties: maxMetrics,
    propertyNames: { pattern: metricName.source },
    description:
      'What the grading cost, and figures of a runner of its own. Of a result, figures within figures are kept as ' +
      '`outer_inner`, other characters of a name as `_`, and what is more or of no use is left out (`metrics_cut`).',
  });
export type Metrics = z.output<typeof Metrics>;

const attempt = z
  .int()
  .min(1)
  .optional()
  .describe('The attempt this is the result of; the token says so too, and must agree.');

/** A grade is not lost because what is kept beside it is damaged. */
const transcript = Transcript.optional()
  .catch(undefined)
  .describe('What was said to the model and what it answered, to be kept with the receipt.');

export const GradedResult = z
  .object({
    status: z.literal('graded').default('graded'),
    attempt,
    score: z
      .number()
      .min(0, 'must not be negative')
      .describe('What it adds up to. The backend computes it anew from the criteria, and that counts.'),
    max_score: z.number().positive().optional().describe("Must equal the rubric's, when given."),
    fail_tags: z.array(Slug).max(100).default([]),
    feedback: z.string().max(50_000).default(''),
    criteria: z
      .array(CriterionResult)
      .max(50)
      .default([])
      .describe(
        'One for every criterion of the rubric. Without code as evidence a criterion gives no points.',
      ),
    metrics: Metrics.default({}),
    transcript,
  })
  .meta({ id: 'GradedResult' });
export type GradedResult = z.output<typeof GradedResult>;

export const FailedResult = z
  .object({
    status: z.literal('failed'),
    attempt,
    failure: Failure,
    metrics: Metrics.default({}),
    transcript,
  })
  .meta({ id: 'FailedResult' });
export type FailedResult = z.output<typeof FailedResult>;

/** Body of the runner's callback: a grade, or the reason why there is none. */
export const ResultCallback = z.union([FailedResult, GradedResult]).meta({ id: 'ResultCallback' });
export type ResultCallback = z.output<typeof ResultCallback>;
