import { setTimeout as delay } from 'node:timers/promises';
import { Router, type Request, type Response } from 'express';
import { BEHAVIOURS, isBehaviour, suffixOf, type Behaviour } from '../behaviour/behaviour.js';
import type { Control } from '../behaviour/control.js';
import { complete, type Completion } from '../completion.js';
import { UnsatisfiableSchema } from '../schema/resolve.js';
import { hashOf } from '../text.js';
import { chatBody, streamChat } from './chat.js';
import { ApiError, invalidRequest } from './errors.js';
import { quotaExceeded, rateLimited } from './gate.js';
import { parseChatRequest, parseResponsesRequest, type CompletionRequest } from './request.js';
import { responsesBody } from './responses.js';

/** What the two completion routes need. */
export interface CompletionOptions {
  control: Control;
  /** Milliseconds that `slow` adds. */
  slowMs: number;
  /** Ends every wait when the server closes. */
  closing: AbortSignal;
}

type Send = (id: string, request: CompletionRequest, completion: Completion, dropped: boolean) => void;

/** `POST /chat/completions` and `POST /responses`. */
export function completionRoutes(options: CompletionOptions): Router {
  const router = Router();
  router.post('/chat/completions', async (incoming, response) => {
    const request = parseChatRequest(incoming.body);
    await answer(incoming, response, request, options, (id, ...rest) => {
      if (request.stream) streamChat(response, `chatcmpl-${id}`, ...rest);
      else response.json(chatBody(`chatcmpl-${id}`, request, rest[1]));
    });
  });
  router.post('/responses', async (incoming, response) => {
    const request = parseResponsesRequest(incoming.body);
    await answer(incoming, response, request, options, (id, _request, completion) => {
      response.json(responsesBody(`resp_${id}`, request, completion));
    });
  });
  return router;
}

async function answer(
  incoming: Request,
  response: Response,
  request: CompletionRequest,
  options: CompletionOptions,
  send: Send,
): Promise<void> {
  const behaviour = behaviourOf(incoming, request, options.control);
  const hash = hashOf(request.model, ...request.messages);
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const stopped = AbortSignal.any([gone.signal, options.closing]);

  const { delay_ms } = options.control.show();
  const wait = behaviour === 'timeout' ? NEVER_MS : delay_ms + (behaviour === 'slow' ? options.slowMs : 0);
  if (!(await waited(wait, stopped))) return;

  throwIfTold(behaviour, hash, options.control);
  const completion = completeOrRefuse(request, behaviour);
  if (behaviour === 'drop' && !request.stream) {
    incoming.socket.destroy();
    return;
  }
  send(hash.slice(0, 24), request, completion, behaviour === 'drop');
}

/** Longer than any client waits: ten minutes is the official client's limit. */
const NEVER_MS = 3_600_000;

/** False when the client left or the server closes before the time is over. */
async function waited(milliseconds: number, stopped: AbortSignal): Promise<boolean> {
  if (milliseconds === 0) return !stopped.aborted;
  try {
    await delay(milliseconds, undefined, { signal: stopped });
    return true;
  } catch (error) {
    if (stopped.aborted) return false;
    throw error;
  }
}

/** The request's own wish (header, then model suffix) goes before what the server was told. */
function behaviourOf(incoming: Request, request: CompletionRequest, control: Control): Behaviour {
  const wish = incoming.get('x-stand-in-behaviour') ?? suffixOf(request.model);
  if (wish === undefined) return control.take();
  if (isBehaviour(wish)) return wish;
  throw invalidRequest(`Unknown behaviour '${wish}': use one of ${BEHAVIOURS.join(', ')}.`, 'model');
}

function throwIfTold(behaviour: Behaviour, hash: string, control: Control): void {
  if (behaviour === 'rate-limit')
    throw rateLimited('Rate limit reached for this model. Please try again in 1s.');
  if (behaviour === 'quota') throw quotaExceeded();
  const flaky = behaviour === 'flaky' && control.failsNow(hash);
  if (flaky)
    throw new ApiError(503, 'The engine is currently overloaded, please try again later.', SERVER_ERROR);
  if (behaviour === 'error-500') {
    throw new ApiError(500, 'The server had an error while processing your request.', SERVER_ERROR);
  }
}

const SERVER_ERROR = { type: 'server_error' };

function completeOrRefuse(request: CompletionRequest, behaviour: Behaviour): Completion {
  try {
    return complete(request, behaviour);
  } catch (error) {
    if (!(error instanceof UnsatisfiableSchema)) throw error;
    throw invalidRequest(`Invalid schema for response_format: ${error.message}.`, 'response_format');
  }
}
