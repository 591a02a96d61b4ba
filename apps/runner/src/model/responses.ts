import { z } from 'zod';
import { messagesIn } from './dialect.js';
import { figuresOf } from './figures.js';
import type { Provider } from './provider.js';

const Part = z.object({
  type: z.string(),
  text: z.string().optional().catch(undefined),
  refusal: z.string().optional().catch(undefined),
});
const Item = z.object({
  type: z.string(),
  content: z.array(z.unknown()).optional().catch(undefined),
  arguments: z.string().optional().catch(undefined),
});
const Answer = z.object({
  status: z.string().nullish().catch(undefined),
  incomplete_details: z.object({ reason: z.string() }).nullish().catch(undefined),
  output: z.array(z.unknown()),
});

/** OpenAI's Responses API. */
export const responses: Omit<Provider, 'prices'> = {
  path: '/responses',
  dialect: { structure: 'json_schema', limit: 'max_output_tokens', temperature: true, system: true },

  request(question, dialect) {
    const format = {
      json_schema: { type: 'json_schema', name: 'verdict', strict: true, schema: question.schema },
      json_object: { type: 'json_object' },
      words: undefined,
    }[dialect.structure];
    return {
      input: messagesIn(question, dialect),
      // What is graded is the students': it is not kept there.
      store: false,
      ...(format === undefined ? {} : { text: { format } }),
      ...(dialect.limit === 'none' ? {} : { max_output_tokens: question.maxTokens }),
    };
  },

  read(body) {
    const answer = Answer.safeParse(body);
    if (!answer.success) return undefined;
    const items = answer.data.output.flatMap((item) => Item.safeParse(item).data ?? []);
    const parts = items
      .filter(({ type }) => type === 'message')
      .flatMap(({ content = [] }) => content.flatMap((part) => Part.safeParse(part).data ?? []));
    const said = parts.flatMap(({ type, text }) => (type === 'output_text' ? (text ?? '') : [])).join('');
    const called = items.flatMap((item) => (item.type === 'function_call' ? (item.arguments ?? []) : []));
    const reason = answer.data.incomplete_details?.reason;
    return {
      texts: [said, ...called].filter((text) => text.trim() !== ''),
      end: reason === 'max_output_tokens' ? 'cut' : reason === 'content_filter' ? 'filtered' : 'whole',
      refused: parts.some(({ type, refusal }) => type === 'refusal' && (refusal ?? '') !== ''),
      ...figuresOf(body),
    };
  },
};
