import type { Behaviour } from './behaviour/behaviour.js';
import { answerTo } from './answers/answer.js';
import type { Format } from './http/request.js';
import { EMULATOR_MARK, estimateTokens } from './text.js';

export type FinishReason = 'stop' | 'length' | 'content_filter';

/** What is answered, before it is put into the shape of the API. */
export interface Completion {
  content: string | null;
  refusal: string | null;
  finishReason: FinishReason;
  promptTokens: number;
  completionTokens: number;
}

const REFUSAL = `${EMULATOR_MARK} I'm sorry, I can't help with that.`;

/** The answer to the messages: the same for the same messages, format and behaviour. */
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
  if (behaviour === 'rubbish') return `${EMULATOR_MARK} {"verdicts": [ sure, here you go!!`;
  if (behaviour === 'wrong-schema')
    return JSON.stringify({ emulator: 'this does not conform to the schema' });
  if (format.type === 'json_schema') return JSON.stringify(answerTo(format.schema, messages));
  const said = messages.at(-1)?.trim().slice(0, 80) ?? '';
  const sentence = `${EMULATOR_MARK} No model is behind this answer. You said: ${said}`;
  return format.type === 'json_object' ? JSON.stringify({ message: sentence }) : sentence;
}
