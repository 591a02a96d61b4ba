import type { Response } from 'express';
import type { Completion } from '../completion.js';
import type { CompletionRequest } from './request.js';

/** Name under which this server shows up where OpenAI names its backend's configuration. */
export const FINGERPRINT = 'cloudemy-emulator-llm';
/** Characters in one chunk of a stream. */
const CHUNK = 48;

/** Token counts in the shape of chat completions. */
function usageOf(completion: Completion): object {
  return {
    prompt_tokens: completion.promptTokens,
    completion_tokens: completion.completionTokens,
    total_tokens: completion.promptTokens + completion.completionTokens,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
  };
}

/** The body of an answer that is sent whole. */
export function chatBody(id: string, request: CompletionRequest, completion: Completion): object {
  const { content, refusal, finishReason } = completion;
  return {
    id,
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1000),
    model: request.model,
    system_fingerprint: FINGERPRINT,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content, refusal, annotations: [] },
        logprobs: null,
        finish_reason: finishReason,
      },
    ],
    usage: usageOf(completion),
  };
}

/** The events of an answer that is streamed, each to be sent as one `data:` line. */
function* chatChunks(id: string, request: CompletionRequest, completion: Completion): Generator<object> {
  const created = Math.floor(Date.now() / 1000);
  const chunk = (delta: object, finishReason: string | null): object => ({
    id,
    object: 'chat.completion.chunk',
    created,
    model: request.model,
    system_fingerprint: FINGERPRINT,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }],
    ...(request.streamUsage && { usage: null }),
  });
  yield chunk({ role: 'assistant', content: completion.content === null ? null : '', refusal: null }, null);
  const [field, text] =
    completion.refusal === null ? ['content', completion.content ?? ''] : ['refusal', completion.refusal];
  const letters = Array.from(text);
  for (let at = 0; at < letters.length; at += CHUNK) {
    yield chunk({ [field]: letters.slice(at, at + CHUNK).join('') }, null);
  }
  yield chunk({}, completion.finishReason);
  if (request.streamUsage) {
    yield { ...chunk({}, null), choices: [], usage: usageOf(completion) };
  }
}

/**
 * Sends the answer as Server-Sent Events.
 * @param dropped cut the connection half way instead of finishing.
 */
export function streamChat(
  response: Response,
  id: string,
  request: CompletionRequest,
  completion: Completion,
  dropped: boolean,
): void {
  const events = [...chatChunks(id, request, completion)].map(
    (event) => `data: ${JSON.stringify(event)}\n\n`,
  );
  response.set({ 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  if (dropped) {
    // The callback waits until the half is on its way, so that the client sees a stream that breaks off.
    response.write(events.slice(0, events.length / 2).join(''), () => response.socket?.destroy());
    return;
  }
  response.end(`${events.join('')}data: [DONE]\n\n`);
}
