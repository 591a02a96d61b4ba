import type { Provider } from './provider.js';

/**
 * No vendor's API: the conversation and the schema go in, and what comes out is the answer itself. For tests, and for
 * a grader of one's own behind a few lines of HTTP.
 */
export const plain: Omit<Provider, 'prices'> = {
  path: '',
  dialect: { structure: 'json_schema', limit: 'none', temperature: true, system: true },

  request: ({ messages, schema, maxTokens }) => ({
    messages: [...messages],
    schema,
    max_tokens: maxTokens,
  }),

  read: (body) =>
    typeof body === 'object' && body !== null
      ? { texts: [JSON.stringify(body)], end: 'whole', refused: false, model: undefined, usage: undefined }
      : undefined,
};
