import type { Completion } from '../completion.js';

/** What an answer names as its model and its configuration, whatever was asked for: no model is behind it. */
export const MODEL = 'emulator';

/** The body of an answer. */
export function chatBody(id: string, completion: Completion): object {
  const { content, refusal, finishReason, promptTokens, completionTokens } = completion;
  return {
    id,
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1000),
    model: MODEL,
    system_fingerprint: MODEL,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content, refusal, annotations: [] },
        logprobs: null,
        finish_reason: finishReason,
      },
    ],
    usage: {
      prompt_tokens: promptTokens,
      completion_tokens: completionTokens,
      total_tokens: promptTokens + completionTokens,
    },
  };
}
