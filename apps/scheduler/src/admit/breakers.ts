import { ProblemAnswer } from '@cloudemy/contracts';
import { KubeApiError } from '@cloudemy/k8s';
import type { Logger } from '@cloudemy/service';
import { isOutage } from '../create/creation-error.js';
import { CircuitBreaker } from '../concurrency/circuit-breaker.js';

/** What stands between the worker and what it depends on. */
export interface Gates {
  toBackend: CircuitBreaker;
  toCluster: CircuitBreaker;
}

const inMs = (seconds: number | undefined): number | undefined =>
  seconds === undefined ? undefined : seconds * 1000;

export function createGates(log: Logger): Gates {
  return {
    toBackend: new CircuitBreaker({
      // Also what an operator must mend, such as another token: it is not about one submission.
      isOutage: () => true,
      retryAfterMs: (error) => (error instanceof ProblemAnswer ? inMs(error.retryAfter) : undefined),
      onDown: (error) => log.warn({ err: error }, 'the backend takes no claims: submissions wait'),
      onUp: () => log.info('the backend takes claims again'),
    }),
    toCluster: new CircuitBreaker({
      isOutage,
      retryAfterMs: (error) => (error instanceof KubeApiError ? inMs(error.retryAfter) : undefined),
      onDown: (error) => log.warn({ err: error }, 'the cluster takes no Jobs: submissions wait'),
      onUp: () => log.info('the cluster takes Jobs again'),
    }),
  };
}
