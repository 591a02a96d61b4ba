import { type AttemptRef, type Failure, type QueuePayload, runnerJobName } from '@cloudemy/contracts';
import type { CreatedJob, Job } from '@cloudemy/k8s';
import type { Breakers } from '../admit/breakers.js';
import type { Reports } from '../backend/reports.js';
import type { CancelledAttempts } from '../cancel/cancelled-attempts.js';
import type { Claim, Claims } from '../claim/claims.js';
import { CircuitOpenError } from '../concurrency/circuit-breaker.js';
import type { ConcurrencyLimiter } from '../concurrency/concurrency-limiter.js';
import { HandBack } from '../receive/hand-back.js';
import { classify } from './creation-error.js';
import type { ClaimedAttempt } from './manifest-types.js';
import type { Refusals } from './refusals.js';

export interface TakeDependencies {
  limiter: Pick<ConcurrencyLimiter, 'acquire'>;
  breakers: Pick<Breakers, 'backend' | 'cluster'>;
  claims: Pick<Claims, 'claim'>;
  reports: Pick<Reports, 'send'>;
  cancelled: Pick<CancelledAttempts, 'has'>;
  refusals: Refusals;
  /** Builds the Job and creates it, or finds it created. */
  createJob: (claimed: ClaimedAttempt) => Promise<CreatedJob>;
  removeJob: (job: Job) => Promise<void>;
}

/** What happened to a message. */
export type Taken =
  | { kind: 'created' }
  /** The Job was there: the message came twice, or its first taker died. */
  | { kind: 'found' }
  /** No Job is wanted. */
  | { kind: 'dropped'; why: Exclude<Claim['outcome'], 'claimed' | 'held'> | 'cancelled' }
  | { kind: 'failed'; failure: Failure };

/**
 * Turns one message into one Job: takes a slot, claims the attempt, creates the Job. Doing it twice, here or on another
 * replica, makes one Job.
 *
 * @throws CircuitOpenError, HandBack when nothing can be made of any message here and now; whatever else makes this
 * one Job impossible for now
 */
export async function takeSubmission(deps: TakeDependencies, message: QueuePayload): Promise<Taken> {
  const name = runnerJobName(message.submission_id, message.attempt);
  deps.breakers.cluster.check();
  const slot = deps.limiter.acquire(name);
  if (slot === undefined) throw new HandBack('as many Jobs are in flight as may be');
  let isCreated = false;
  try {
    const taken = await claimAndCreate(deps, message, name);
    isCreated = taken.kind === 'created' || taken.kind === 'found';
    return taken;
  } finally {
    if (isCreated) slot.confirm();
    else slot.release();
  }
}

async function claimAndCreate(deps: TakeDependencies, message: QueuePayload, name: string): Promise<Taken> {
  const attempt: AttemptRef = { submission_id: message.submission_id, attempt: message.attempt };
  const claim = await deps.breakers.backend.run(() => deps.claims.claim(attempt));
  if (claim.outcome === 'held') throw new HandBack('the queue is held: one attempt at a time is let through');
  if (claim.outcome !== 'claimed') return { kind: 'dropped', why: claim.outcome };
  try {
    const made = await deps.breakers.cluster.run(() =>
      deps.createJob({
        ...attempt,
        result_token: claim.result_token,
        record_key: claim.record_key,
        request_id: message.request_id,
        traceparent: message.traceparent ?? claim.traceparent ?? undefined,
      }),
    );
    deps.refusals.forget(name);
    if (!deps.cancelled.has(name)) return { kind: made.created ? 'created' : 'found' };
    await deps.removeJob(made.job);
    return { kind: 'dropped', why: 'cancelled' };
  } catch (error) {
    return notCreated(deps, attempt, name, error);
  }
}

/** Tells the backend why there is no Job; fails the attempt when there will be none. */
async function notCreated(
  deps: TakeDependencies,
  attempt: AttemptRef,
  name: string,
  error: unknown,
): Promise<Taken> {
  const classified = classify(error instanceof CircuitOpenError ? error.cause : error);
  if (classified.kind === 'again') throw error;
  const { failure: why } = classified;
  const isFinal = classified.kind === 'final' || deps.refusals.isEnough(name, why.code);
  if (isFinal) {
    await deps.breakers.backend.run(() => deps.reports.send({ kind: 'failed', ...attempt, failure: why }));
    deps.refusals.forget(name);
    return { kind: 'failed', failure: why };
  }
  // It is told for the submitter's sake; the message goes back all the same.
  const told = { kind: 'waiting' as const, ...attempt, code: why.code, message: why.message };
  await deps.breakers.backend.run(() => deps.reports.send(told)).catch(() => {});
  throw error;
}
