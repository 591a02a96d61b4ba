import { ProblemAnswer } from '@cloudemy/contracts';
import { type KubeApi, KubeApiError } from '@cloudemy/k8s';
import { checkRedis } from '@cloudemy/redis';
import type { Logger } from '@cloudemy/service';
import type { Redis } from 'ioredis';
import type { InternalClient } from '../backend/internal-client.js';
import { CircuitBreaker } from '../concurrency/circuit-breaker.js';
import type { Config } from '../config.js';
import { isOutage } from '../create/creation-error.js';
import { dryRun } from './dry-run.js';

/** One before each thing that a submission's way leads through. */
export interface Breakers {
  queue: CircuitBreaker;
  backend: CircuitBreaker;
  cluster: CircuitBreaker;
}

export interface BreakerParts {
  redis: Redis;
  backend: InternalClient;
  api: KubeApi;
  config: Config;
  log: Logger;
}

/** An id that no submission has: asking for it shows that the backend answers and takes our token. */
const nobody = '0'.repeat(24);

/** Asks the backend for something that costs it nothing. Throws what the client throws. */
export const askBackend = (backend: Pick<InternalClient, 'readStates'>, signal: AbortSignal) =>
  backend.readStates({ body: { submission_ids: [nobody] } }, { signal });

const inMs = (seconds: number | undefined): number | undefined =>
  seconds === undefined ? undefined : seconds * 1000;

/** Each finds out by itself when its outage is over, without a message in hand. */
export function createBreakers({ redis, backend, api, config, log }: BreakerParts): Breakers {
  const told = (name: string) => ({
    name,
    onOpen: (err: unknown) => log.warn({ err }, `${name} cannot be used: submissions wait`),
    onClose: () => log.info(`${name} can be used again`),
  });
  return {
    queue: new CircuitBreaker({
      ...told('the queue'),
      isOutage: () => true,
      probe: () => checkRedis(redis),
      maxRetryMs: 1_000,
    }),
    backend: new CircuitBreaker({
      ...told('the backend'),
      // Also what an operator must correct, such as another token: it is not about one submission.
      isOutage: () => true,
      probe: (signal) => askBackend(backend, signal),
      retryAfterMs: (error) => (error instanceof ProblemAnswer ? inMs(error.retryAfter) : undefined),
    }),
    cluster: new CircuitBreaker({
      ...told('the cluster'),
      isOutage,
      probe: (signal) => dryRun(api, config, signal),
      retryAfterMs: (error) => (error instanceof KubeApiError ? inMs(error.retryAfter) : undefined),
    }),
  };
}
