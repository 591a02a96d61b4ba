import type { Behaviour } from './behaviour/behaviour.js';
import { gradingVerdict } from './grading/verdict.js';
import type { Format } from './http/request.js';
import { isObject, type Json } from './json.js';
import { contextOf, generate } from './schema/generate.js';
import { seededRandom } from './schema/random.js';
import { estimateTokens, hashOf, STAND_IN_MARK } from './text.js';

export type FinishReason = 'stop' | 'length' | 'content_filter';

/** What the stand-in answers, before it is put into the shape of one API or the other. */
export interface Completion {
  content: string | null;
  refusal: string | null;
  finishReason: FinishReason;
  promptTokens: number;
  completionTokens: number;
}

const REFUSAL = `${STAND_IN_MARK} I'm sorry, I can't help with that.`;

/**
 * The answer to the messages: the same for the same messages, format and behaviour.
 * @throws UnsatisfiableSchema when no JSON can conform to the schema of the format.
 */
export function complete(
  request: { messages: string[]; format: Format; maxTokens: number },
  behaviour: Behaviour,
): Completion {
  const promptTokens = estimateTokens(request.messages.join('\n'));
  const finish = (
    content: string | null,
    refusal: string | null,
    finishReason: FinishReason,
  ): Completion => ({
    content,
    refusal,
    finishReason,
    promptTokens,
    completionTokens: estimateTokens(content ?? refusal ?? ''),
  });
  if (behaviour === 'refuse') return finish(null, REFUSAL, 'stop');
  if (behaviour === 'content-filter') return finish('', null, 'content_filter');
  const text = write(request.messages, request.format, behaviour);
  if (behaviour === 'truncated') return finish(text.slice(0, text.length / 2), null, 'length');
  // Four characters a token, as the estimate has it.
  if (estimateTokens(text) > request.maxTokens)
    return finish(text.slice(0, request.maxTokens * 4), null, 'length');
  return finish(text, null, 'stop');
}

function write(messages: string[], format: Format, behaviour: Behaviour): string {
  if (behaviour === 'rubbish') return `${STAND_IN_MARK} {"verdicts": [ sure, here you go!!`;
  if (behaviour === 'wrong-schema')
    return JSON.stringify({ stand_in: 'this does not conform to the schema' });
  if (format.type === 'json_schema') return JSON.stringify(writeJson(messages, format.schema));
  const said = messages.at(-1)?.trim().slice(0, 80) ?? '';
  const sentence = `${STAND_IN_MARK} No model is behind this answer. You said: ${said}`;
  return format.type === 'json_object' ? JSON.stringify({ message: sentence }) : sentence;
}

function writeJson(messages: string[], schema: Json): Json {
  const root = isObject(schema) ? schema : {};
  const random = seededRandom(hashOf(...messages));
  return gradingVerdict(root, messages, random) ?? generate(root, contextOf(root, random));
}
