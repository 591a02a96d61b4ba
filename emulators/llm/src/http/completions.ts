import { setTimeout as delay } from 'node:timers/promises';
import { Router, type Request, type Response } from 'express';
import { BEHAVIOURS, isBehaviour, suffixOf, type Behaviour } from '../behaviour/behaviour.js';
import type { Control } from '../behaviour/control.js';
import { complete } from '../completion.js';
import { hashOf } from '../text.js';
import { chatBody } from './chat.js';
import { ApiError, invalidRequest } from './errors.js';
import { quotaExceeded, rateLimited, wrongKey } from './gate.js';
import { parseChatRequest, type CompletionRequest } from './request.js';

/** What the route needs. */
export interface CompletionOptions {
  control: Control;
  /** Milliseconds that `slow` adds. */
  slowMs: number;
  /** Ends every wait when the server closes. */
  closing: AbortSignal;
}

/** `POST /chat/completions`. */
export function completionRoutes(options: CompletionOptions): Router {
  const router = Router();
  router.post('/chat/completions', (incoming, response) => answer(incoming, response, options));
  return router;
}

async function answer(incoming: Request, response: Response, options: CompletionOptions): Promise<void> {
  const request = parseChatRequest(incoming.body);
  const behaviour = behaviourOf(incoming, request, options.control);
  const hash = hashOf(request.model, ...request.messages);
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const stopped = AbortSignal.any([gone.signal, options.closing]);

  const { delay_ms } = options.control.show();
  const wait = behaviour === 'timeout' ? NEVER_MS : delay_ms + (behaviour === 'slow' ? options.slowMs : 0);
  if (!(await waited(wait, stopped))) return;

  throwIfTold(behaviour, hash, options.control);
  if (behaviour === 'drop') {
    incoming.socket.destroy();
    return;
  }
  response.json(chatBody(`chatcmpl-${hash.slice(0, 24)}`, complete(request, behaviour)));
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
  const wish = incoming.get('x-emulator-behaviour') ?? suffixOf(request.model);
  if (wish === undefined) return control.take();
  if (isBehaviour(wish)) return wish;
  throw invalidRequest(`Unknown behaviour '${wish}': use one of ${BEHAVIOURS.join(', ')}.`, 'model');
}

function throwIfTold(behaviour: Behaviour, hash: string, control: Control): void {
  if (behaviour === 'rate-limit')
    throw rateLimited('Rate limit reached for this model. Please try again in 1s.');
  if (behaviour === 'quota') throw quotaExceeded();
  if (behaviour === 'wrong-key') throw wrongKey('any');
  const flaky = behaviour === 'flaky' && control.failsNow(hash);
  if (flaky)
    throw new ApiError(503, 'The engine is currently overloaded, please try again later.', SERVER_ERROR);
  if (behaviour === 'error-500') {
    throw new ApiError(500, 'The server had an error while processing your request.', SERVER_ERROR);
  }
}

const SERVER_ERROR = { type: 'server_error' };
