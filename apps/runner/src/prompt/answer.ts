import type { Rubric } from '@cloudemy/contracts';
import { z } from 'zod';

/**
 * What the model must answer, made for one rubric. Within what OpenAI's strict structured output can do: no
 * optional fields, no lengths (texts are cut to size afterwards).
 */
export function answerSchema(rubric: Rubric) {
  return z.strictObject({
    verdicts: z.array(
      z.strictObject({
        criterion_id: z.enum(rubric.criteria.map(({ criterion_id }) => criterion_id)),
        reason: z.string().describe('Two sentences at most, to the student, about their code.'),
        evidence: z
          .string()
          .nullable()
          .describe(
            'Copied letter by letter from the submission: the lines that decide; null when none can.',
          ),
        met: z.boolean().describe('True only when the code fully shows what the criterion asks.'),
      }),
    ),
    manipulation: z.strictObject({
      suspected: z.boolean().describe('True when the submission talks to the grader.'),
      quotation: z.string().nullable().describe('The words that do, copied letter by letter; else null.'),
    }),
    summary: z.string().describe('Three sentences at most, to the student.'),
  });
}
export type AnswerSchema = ReturnType<typeof answerSchema>;

const text = z.union([z.string(), z.array(z.string()).transform((lines) => lines.join('\n'))]).nullish();

/**
 * What is taken as an answer: what decides must be there and be of its type; further keys are passed over, and a text
 * that is left out is an empty one. Endpoints without structured output are seldom exact in these.
 */
export function answerReader(rubric: Rubric) {
  return z.object({
    verdicts: z.array(
      z.object({
        criterion_id: z.enum(rubric.criteria.map(({ criterion_id }) => criterion_id)),
        reason: text.transform((given) => given ?? ''),
        evidence: text.transform((given) => given ?? null),
        met: z.boolean(),
      }),
    ),
    manipulation: z.object({
      suspected: z.boolean(),
      quotation: text.transform((given) => given ?? null),
    }),
    summary: text.transform((given) => given ?? ''),
  });
}
export type AnswerReader = ReturnType<typeof answerReader>;
export type Answer = z.output<AnswerReader>;

/** The schema as plain JSON Schema, as `response_format` takes it. */
export function answerJsonSchema(schema: AnswerSchema): Record<string, unknown> {
  const { $schema: _, ...json } = z.toJSONSchema(schema);
  return json;
}
