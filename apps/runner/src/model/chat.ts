import { z } from 'zod';
import { messagesIn } from './dialect.js';
import { figuresOf } from './figures.js';
import type { Provider, Reply } from './provider.js';

const nothing = '';
const text = z.string().nullish().catch(undefined);

/** A part of a content that is a list: only text counts, not what was thought. */
const Part = z
  .object({ type: z.string().optional(), text: z.string() })
  .transform(({ type, text: said }) =>
    type === undefined || /^(?:output_)?text$/.test(type) ? said : nothing,
  )
  .catch(nothing);

/** A text, its parts, or JSON that somebody on the way has parsed already. */
const Content = z
  .union([
    z.string(),
    z.array(Part).transform((parts) => parts.join('')),
    z.record(z.string(), z.unknown()).transform((value) => JSON.stringify(value)),
  ])
  .nullish()
  .catch(undefined);

const Call = z.object({ arguments: Content }).catch({ arguments: undefined });

const Message = z.object({
  content: Content,
  refusal: text,
  parsed: Content,
  tool_calls: z
    .array(z.object({ function: Call }).catch({ function: { arguments: undefined } }))
    .nullish()
    .catch(undefined),
  function_call: Call.nullish().catch(undefined),
  reasoning_content: text,
  reasoning: text,
  thinking: text,
});

const Choice = z.object({
  finish_reason: text,
  message: Message.optional().catch(undefined),
  text,
});

const Completion = z.object({ choices: z.array(z.unknown()).min(1) });

/** Where an answer may stand: the content, a call, and at last among the thoughts, where some servers put it. */
function textsOf({ message, text: legacy }: z.output<typeof Choice>): string[] {
  const calls = message?.tool_calls?.map((call) => call.function.arguments) ?? [];
  const places = [
    message?.content,
    message?.parsed,
    ...calls,
    message?.function_call?.arguments,
    legacy,
    message?.reasoning_content,
    message?.reasoning,
    message?.thinking,
  ];
  return places.filter((place): place is string => typeof place === 'string' && place.trim() !== '');
}

const ends: Readonly<Record<string, Reply['end']>> = {
  length: 'cut',
  max_tokens: 'cut',
  content_filter: 'filtered',
  safety: 'filtered',
};

/** OpenAI's chat completions, and the many servers that speak them. */
export const chat: Omit<Provider, 'prices'> = {
  path: '/chat/completions',
  dialect: { structure: 'json_schema', limit: 'max_completion_tokens', temperature: true, system: true },

  request(question, dialect) {
    const { structure, limit } = dialect;
    const format = {
      json_schema: {
        type: 'json_schema',
        json_schema: { name: 'verdict', strict: true, schema: question.schema },
      },
      json_object: { type: 'json_object' },
      words: undefined,
    }[structure];
    return {
      messages: messagesIn(question, dialect),
      ...(format === undefined ? {} : { response_format: format }),
      ...(limit === 'none' ? {} : { [limit]: question.maxTokens }),
    };
  },

  read(body) {
    const completion = Completion.safeParse(body);
    if (!completion.success) return undefined;
    const choice = Choice.catch({}).parse(completion.data.choices[0]);
    const refusal = choice.message?.refusal ?? '';
    return {
      texts: textsOf(choice),
      end: ends[(choice.finish_reason ?? '').toLowerCase()] ?? 'whole',
      refused: refusal !== '',
      ...figuresOf(body),
    };
  },
};
