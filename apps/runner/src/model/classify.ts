import { APIConnectionTimeoutError, APIUserAbortError } from 'openai/core/error';
import { GradingError } from '../grade/grading-error.js';
import { isAboutContent } from './dialect.js';
import { EndpointError } from './endpoint-error.js';

/** Longest chain of causes that is looked through. */
const maxCauses = 8;

/** An error and what caused it, outermost first. */
function chainOf(error: unknown): unknown[] {
  const chain: unknown[] = [];
  let each = error;
  while (each !== undefined && each !== null && chain.length < maxCauses) {
    chain.push(each);
    each = each instanceof Error ? each.cause : undefined;
  }
  return chain;
}

/** The endpoint's own error, however the client has wrapped it. */
export function endpointErrorIn(error: unknown): EndpointError | undefined {
  return chainOf(error).find((each) => each instanceof EndpointError);
}

/** What a request that failed means for the grading. Errors that are no matter of the endpoint pass through. */
export function classify(error: unknown, host: string): unknown {
  if (error instanceof GradingError || error instanceof APIUserAbortError) return error;
  const answered = endpointErrorIn(error);
  if (answered !== undefined) {
    return new GradingError(codeOf(answered), `${host}: ${answered.message}`, {
      cause: answered,
      ...(answered.retryAfterMs === undefined ? {} : { retryAfterMs: answered.retryAfterMs }),
    });
  }
  if (error instanceof APIConnectionTimeoutError) {
    return new GradingError('llm_timeout', `${host} did not answer in time`, { cause: error });
  }
  return new GradingError('llm_unavailable', `${host} cannot be reached: ${causeOf(error)}`, {
    cause: error,
  });
}

/** The innermost cause in words: "fetch failed" says nothing, ENOTFOUND does. */
function causeOf(error: unknown): string {
  const innermost = chainOf(error).findLast((each) => each instanceof Error);
  if (innermost === undefined) return 'for an unknown reason';
  const code = 'code' in innermost && typeof innermost.code === 'string' ? `${innermost.code}: ` : '';
  return `${code}${innermost.message}`.slice(0, 300);
}

function codeOf(error: EndpointError): GradingError['code'] {
  const { status, marks } = error;
  const words = `${marks} ${error.said}`;
  if (status === 402) return 'llm_quota_exhausted';
  if (status === 401 || status === 403) {
    return /quota|billing|credit/.test(words.toLowerCase()) ? 'llm_quota_exhausted' : 'llm_auth_failed';
  }
  if (status === 408 || status === 504) return 'llm_timeout';
  if (status === 429) return isSpent(error) ? 'llm_quota_exhausted' : 'llm_rate_limited';
  if (status === 409 || status === 425 || (status >= 500 && status !== 501)) return 'llm_unavailable';
  if (/content.?(?:filter|policy|management)/i.test(words)) return 'llm_content_filtered';
  if (status === 413 || status === 431 || isAboutContent(error)) return 'llm_request_rejected';
  if (isAboutModel(error)) return 'llm_model_unknown';
  // `isUnclear`: whose fault it is shows by another question.
  return status === 400 || status === 422 ? 'llm_request_rejected' : 'llm_endpoint_unusable';
}

/** It refuses the request, in words that we do not know. */
export const isUnclear = (error: EndpointError): boolean =>
  (error.status === 400 || error.status === 422) &&
  codeOf(error) === 'llm_request_rejected' &&
  !isAboutContent(error);

const isAboutModel = ({ status, marks, said, param }: EndpointError): boolean =>
  /model.?not.?found/.test(marks) ||
  (param === 'model' && status !== 422) ||
  (/\bmodels?\b/i.test(said) &&
    /not (?:found|exist|available|loaded|supported)|no (?:such )?model|does ?n.t exist|unknown|invalid model|not a valid/i.test(
      said,
    ) &&
    !/response_format|json|parameter|tokens|temperature/i.test(said));

/** A quota that is used up looks like a rate limit, but for its words and that no wait helps. */
function isSpent({ marks, said, retryAfterMs }: EndpointError): boolean {
  if (/insufficient_quota|billing/.test(marks)) return true;
  return retryAfterMs === undefined && /quota|billing|credits?\b|balance/i.test(said);
}

const transient: readonly GradingError['code'][] = ['llm_rate_limited', 'llm_timeout', 'llm_unavailable'];

/** Whether asking again may help, and how many milliseconds the endpoint wants us to wait. */
export function worthAsking(error: unknown): { afterMs: number } | undefined {
  if (!(error instanceof GradingError) || !transient.includes(error.code)) return undefined;
  return { afterMs: error.retryAfterMs ?? 0 };
}
