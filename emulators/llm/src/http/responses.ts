import type { Completion } from '../completion.js';
import type { CompletionRequest } from './request.js';

/** The body of `POST /v1/responses`. */
export function responsesBody(id: string, request: CompletionRequest, completion: Completion): object {
  const { content, refusal, finishReason, promptTokens, completionTokens } = completion;
  const complete = finishReason === 'stop';
  const part =
    refusal === null
      ? { type: 'output_text', text: content ?? '', annotations: [], logprobs: [] }
      : { type: 'refusal', refusal };
  const status = complete ? 'completed' : 'incomplete';
  const reason = finishReason === 'length' ? 'max_output_tokens' : 'content_filter';
  return {
    id,
    object: 'response',
    created_at: Math.floor(Date.now() / 1000),
    status,
    error: null,
    incomplete_details: complete ? null : { reason },
    instructions: null,
    metadata: {},
    model: request.model,
    output: [{ id: `msg_${id}`, type: 'message', role: 'assistant', status, content: [part] }],
    parallel_tool_calls: false,
    temperature: null,
    tool_choice: 'none',
    tools: [],
    top_p: null,
    usage: {
      input_tokens: promptTokens,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: completionTokens,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: promptTokens + completionTokens,
    },
  };
}
