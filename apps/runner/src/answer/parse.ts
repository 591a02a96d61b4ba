import { isDeepStrictEqual } from 'node:util';
import type { Rubric, RunnerRecord } from '@cloudemy/contracts';
import { z } from 'zod';
import { faultOf } from '@cloudemy/grading';
import type { Answer, AnswerReader } from '../prompt/answer.js';
import { objectsIn, wholeObject } from './json-in-text.js';
import { afterThinking } from './thinking.js';

export type ParsedAnswer = { answer: Answer } | { fault: string };

/** How deep an answer may lie in what is around it: `{"name": …, "arguments": {…}}`, `{"result": {"answer": …}}`. */
const maxDepth = 3;

/**
 * The answer in what a model said, or what is wrong with it in words that help the model to mend it. Exactly one
 * answer must stand there, and not in the submission too: else it may be a quotation of what the student wrote.
 *
 * @param texts where the answer may be, the likeliest first; a later one counts when the former hold no answer
 */
export function parseAnswer(
  texts: readonly string[],
  schema: AnswerReader,
  { code, assignment: { rubric } }: Pick<RunnerRecord, 'code' | 'assignment'>,
): ParsedAnswer {
  const submitted = squeezed(code);
  let fault: string | undefined;
  for (const text of texts) {
    const parsed = parseText(text, schema, rubric, submitted);
    if ('answer' in parsed) return parsed;
    fault ??= parsed.fault;
  }
  return { fault: fault ?? 'it is empty' };
}

function parseText(text: string, schema: AnswerReader, rubric: Rubric, submitted: string): ParsedAnswer {
  if (text.trim() === '') return { fault: 'it is empty' };
  // Text that is JSON and nothing else may quote anything, marks of thinking included.
  const whole = wholeObject(text);
  const said = whole === undefined ? afterThinking(text) : text;
  if (said === undefined) return { fault: 'it ends before the thinking does' };
  const objects = whole === undefined ? objectsIn(said) : [whole];
  const own = objects.filter((object) => !submitted.includes(squeezed(object.text)));
  if (own.length < objects.length && own.length === 0)
    return { fault: 'it repeats what the submission says' };
  const tried = own.flatMap(({ value }) => tryAt(value, schema, rubric, maxDepth));
  const [answer, ...others] = tried.flatMap((one) => ('answer' in one ? [one.answer] : []));
  if (answer === undefined) return tried.find((one) => 'fault' in one) ?? { fault: 'it is not JSON' };
  return others.every((other) => isDeepStrictEqual(other, answer))
    ? { answer }
    : { fault: 'it holds more than one answer' };
}

/** The answer that a value is, or those that lie in it; else what is wrong with it. */
function tryAt(value: unknown, schema: AnswerReader, rubric: Rubric, depth: number): ParsedAnswer[] {
  const parsed = schema.safeParse(value);
  if (parsed.success) {
    const fault = faultOf(parsed.data.verdicts, rubric);
    return [fault === undefined ? { answer: parsed.data } : { fault }];
  }
  const within =
    depth === 0 ? [] : wrapped(value).flatMap((inner) => tryAt(inner, schema, rubric, depth - 1));
  const answers = within.filter((one) => 'answer' in one);
  if (answers.length > 0) return answers;
  return [{ fault: `it does not fit the schema: ${z.prettifyError(parsed.error).slice(0, 1_000)}` }];
}

/** What a wrapper holds: objects, and the arguments of a call, which are JSON in a string. */
function wrapped(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
    if (typeof inner === 'string' && /^(?:arguments|input|parameters)$/.test(key)) {
      return objectsIn(inner).map((object) => object.value);
    }
    return typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? [inner] : [];
  });
}

const squeezed = (text: string): string => text.replaceAll(/\s+/g, '');
