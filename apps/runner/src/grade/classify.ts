import { APIConnectionError, APIConnectionTimeoutError, APIError } from 'openai/core/error';
import { GradingError } from './grading-error.js';

/** Milliseconds to wait when the model's endpoint does not say how long. */
const unknownWait = 0;

/** An error of the OpenAI client as what it means for the grading. Other errors pass through. */
export function classify(error: unknown): unknown {
  if (error instanceof APIConnectionTimeoutError) {
    return new GradingError('llm_timeout', 'the model did not answer in time', { cause: error });
  }
  if (error instanceof APIConnectionError) {
    return new GradingError('llm_unavailable', 'the model cannot be reached', { cause: error });
  }
  // The SDK throws this when an answer says JSON and is none.
  if (error instanceof SyntaxError) {
    return new GradingError('llm_unavailable', 'the endpoint of the model does not answer in JSON');
  }
  if (error instanceof APIError && error.status !== undefined) {
    return new GradingError(codeOf(error), `the model's endpoint answered ${error.status}`, { cause: error });
  }
  return error;
}

function codeOf(error: APIError): GradingError['code'] {
  const status = error.status ?? 0;
  if (status === 401 || status === 403) return 'llm_auth_failed';
  if (status === 402) return 'llm_quota_exhausted';
  if (status === 408) return 'llm_timeout';
  if (status === 429) {
    const quota = error.code === 'insufficient_quota' || error.type === 'insufficient_quota';
    return quota ? 'llm_quota_exhausted' : 'llm_rate_limited';
  }
  if (status === 409 || status >= 500) return 'llm_unavailable';
  return /content_(?:filter|policy)/.test(error.code ?? '') ? 'llm_content_filtered' : 'llm_request_rejected';
}

const transient: readonly GradingError['code'][] = ['llm_rate_limited', 'llm_timeout', 'llm_unavailable'];

/** Whether asking again may help, and how many milliseconds the endpoint wants us to wait. */
export function worthAsking(error: unknown): { afterMs: number } | undefined {
  if (!(error instanceof GradingError) || !transient.includes(error.code)) return undefined;
  return { afterMs: error.cause instanceof APIError ? waitAsked(error.cause.headers) : unknownWait };
}

/** `retry-after-ms`, or `retry-after` in seconds or as a date. */
function waitAsked(headers: Headers | undefined): number {
  const exact = Number.parseFloat(headers?.get('retry-after-ms') ?? '');
  if (Number.isFinite(exact)) return Math.max(0, exact);
  const text = headers?.get('retry-after') ?? '';
  const seconds = Number.parseFloat(text);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1_000);
  const date = Date.parse(text);
  return Number.isNaN(date) ? unknownWait : Math.max(0, date - Date.now());
}
