import { KubeApiError, KubeConnectionError } from '@cloudemy/k8s';
import { type ErrorTranslator, ProblemError } from '@cloudemy/service';

/** What the cluster refuses or does not answer, where no feature has a sentence of its own for it. */
export const clusterProblems: ErrorTranslator = (error) => {
  if (error instanceof KubeConnectionError) {
    return new ProblemError('unavailable', {
      detail: 'The cluster does not answer at the moment. Try again shortly.',
      retryAfter: 2,
      cause: error,
    });
  }
  if (error instanceof KubeApiError && error.isNodeUnreachable) {
    return new ProblemError('unavailable', {
      detail: 'The node that runs the pod does not answer at the moment. Try again shortly.',
      retryAfter: 2,
      cause: error,
    });
  }
  if (error instanceof KubeApiError && error.isTransient) {
    return new ProblemError('unavailable', {
      detail: whyNotNow(error.status),
      retryAfter: error.retryAfter ?? 2,
      cause: error,
    });
  }
  if (error instanceof KubeApiError) {
    return new ProblemError('cluster_error', {
      detail: `The cluster refused the request: ${error.message}`,
      cause: error,
    });
  }
  return undefined;
};

function whyNotNow(status: number): string {
  if (status === 401) {
    return 'The cluster does not accept the credentials of this service at the moment. Try again shortly; if it lasts, tell an operator.';
  }
  return status === 429 || status === 503 || status === 504
    ? 'The cluster is overloaded at the moment. Try again shortly.'
    : `The cluster answered with a fault of its own (${status}). Try again shortly.`;
}

/** The client closed the connection while its request was worked on, which is no fault. */
export const clientLeft: ErrorTranslator = (error) =>
  error instanceof Error && error.name === 'AbortError'
    ? new ProblemError('request_timeout', {
        detail: 'The client closed the connection before the answer.',
        cause: error,
      })
    : undefined;
