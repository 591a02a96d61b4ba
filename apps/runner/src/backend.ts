import { type Client, createClient, internalApi, ProblemAnswer } from '@cloudemy/contracts';
import { ZodError } from 'zod';
import type { CallbackEnv } from './config.js';

const prefix = '/internal';
/** Milliseconds one call to the backend may take. */
const callTimeoutMs = 10_000;

/** `BACKEND_INTERNAL_URL` already ends where the internal API begins. */
const runnerApi = {
  getRunnerRecord: below(internalApi.getRunnerRecord),
  reportStarted: below(internalApi.reportStarted),
  deliverResult: below(internalApi.deliverResult),
};

function below<R extends { readonly path: `/${string}` }>(
  route: R,
): Omit<R, 'path'> & { path: `/${string}` } {
  return { ...route, path: `/${route.path.slice(prefix.length + 1)}` };
}

export type BackendClient = Client<typeof runnerApi>;

/** The backend as this attempt may call it: three calls, each with the attempt's token. */
export function createBackend(env: CallbackEnv): BackendClient {
  return createClient(runnerApi, {
    baseUrl: env.BACKEND_INTERNAL_URL,
    timeoutMs: callTimeoutMs,
    headers: {
      ...(env.REQUEST_ID === undefined ? {} : { 'x-request-id': env.REQUEST_ID }),
      ...(env.TRACEPARENT === undefined ? {} : { traceparent: env.TRACEPARENT }),
    },
  });
}

/** What an error of a backend call means for this attempt. */
export type BackendVerdict = 'superseded' | 'token-refused' | 'rejected' | 'unavailable';

/** `superseded`: final, cancelled, or a newer attempt has taken over. `unavailable`: may work later. */
export function verdictOf(error: unknown): BackendVerdict {
  if (!(error instanceof ProblemAnswer)) return 'unavailable';
  // A success that is none of the contract is somebody else's: a proxy that answers in the backend's place.
  if (error.status < 400) return 'unavailable';
  if (error.status === 409) return 'superseded';
  if (error.status === 401 || error.status === 403) return 'token-refused';
  return error.status >= 500 || error.status === 429 || error.status === 408 ? 'unavailable' : 'rejected';
}

/** Milliseconds to wait at least before the call is worth repeating; undefined when it is not. */
export function retryAfter(error: unknown): { afterMs: number } | undefined {
  if (verdictOf(error) !== 'unavailable') return undefined;
  return { afterMs: error instanceof ProblemAnswer ? (error.retryAfter ?? 0) * 1_000 : 0 };
}

/**
 * Whether an answer of success was JSON, and only not as agreed: then the backend spoke. A page is a proxy's, and text
 * that breaks off is nobody's.
 */
export function spokeOtherwise(error: unknown): boolean {
  return error instanceof ZodError && error.issues.every(({ path }) => path.length > 0);
}
