import { z } from 'zod';
import type { Rubric } from '@cloudemy/contracts';
import type { Answer, AnswerSchema } from '../prompt/answer.js';
import { faultOf } from './score.js';

export type ParsedAnswer = { answer: Answer } | { fault: string };

/** The model's text as an answer, or what is wrong with it in words that help the model to mend it. */
export function parseAnswer(text: string, schema: AnswerSchema, rubric: Rubric): ParsedAnswer {
  const json = parseJson(withoutFence(text));
  if (json === undefined) return { fault: 'it is not JSON' };
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    return { fault: `it does not fit the schema: ${z.prettifyError(parsed.error).slice(0, 1_000)}` };
  }
  const fault = faultOf(parsed.data, rubric);
  return fault === undefined ? { answer: parsed.data } : { fault };
}

/** Models without structured output like to put JSON into a Markdown fence. */
function withoutFence(text: string): string {
  return /^\s*```(?:json)?\s*\n([\s\S]*?)\n\s*```\s*$/i.exec(text)?.[1] ?? text;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
