import type { Completion } from '../completion.js';

/** The name by which this server shows itself where OpenAI names its backend's configuration. */
export const FINGERPRINT = 'emulator';

/** The body of an answer. */
export function chatBody(id: string, model: string, completion: Completion): object {
  const { content, refusal, finishReason, promptTokens, completionTokens } = completion;
  return {
    id,
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1000),
    model,
    system_fingerprint: FINGERPRINT,
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
