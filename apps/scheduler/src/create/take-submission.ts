import { type AttemptRef, type Failure, type QueuePayload, runnerJobName } from '@cloudemy/contracts';
import type { CreatedJob, Job } from '@cloudemy/k8s';
import type { Reports } from '../backend/reports.js';
import type { CancelledAttempts } from '../cancel/cancelled-attempts.js';
import type { Claim, Claims } from '../claim/claims.js';
import type { ClaimedAttempt } from './manifest-types.js';
import { classify } from './creation-error.js';
import type { ConcurrencyLimiter } from '../concurrency/concurrency-limiter.js';
import type { CircuitBreaker } from '../concurrency/circuit-breaker.js';

export interface TakeDependencies {
  room: Pick<ConcurrencyLimiter, 'reserve'>;
  claims: Pick<Claims, 'claim'>;
  reports: Pick<Reports, 'send'>;
  cancelled: Pick<CancelledAttempts, 'has'>;
  /** Closed while the backend, and while the cluster, cannot do what is asked of it. */
  toBackend: Pick<CircuitBreaker, 'through'>;
  toCluster: Pick<CircuitBreaker, 'through'>;
  /** Builds the Job and creates it, or finds it created. */
  createJob: (claimed: ClaimedAttempt) => Promise<CreatedJob>;
  removeJob: (job: Job) => Promise<void>;
  /** Milliseconds a Job may be held back by a quota. */
  quotaGraceMs: number;
}

/** What became of a message. */
export type Taken =
  | { kind: 'created' }
  /** The Job was there: the message came twice, or its first taker died. */
  | { kind: 'found' }
  /** No Job is wanted. */
  | { kind: 'dropped'; why: Exclude<Claim['outcome'], 'claimed'> | 'cancelled' }
  | { kind: 'failed'; failure: Failure };

/**
 * Turns one message into one Job: waits for room, claims the attempt, creates the Job. Outages are waited out.
 * Doing it twice, here or on another replica, makes one Job.
 *
 * @throws the signal's reason, or what made this one Job impossible for now: the message must come again
 */
export async function takeSubmission(
  deps: TakeDependencies,
  message: QueuePayload,
  signal: AbortSignal,
): Promise<Taken> {
  const name = runnerJobName(message.submission_id, message.attempt);
  const place = await deps.room.reserve(name, signal);
  try {
    const quota = { since: undefined };
    // The claim is part of what is repeated: an outage may outlast the wish for a Job.
    const taken = await deps.toCluster.through(() => claimAndCreate(deps, message, quota, signal), signal);
    if (taken.kind === 'created' || taken.kind === 'found') place.confirm();
    else place.release();
    return taken;
  } catch (error) {
    place.release();
    throw error;
  }
}

/** Since when a quota has kept this Job out, in milliseconds of `performance.now()`. */
interface QuotaMemory {
  since: number | undefined;
}

async function claimAndCreate(
  deps: TakeDependencies,
  message: QueuePayload,
  quota: QuotaMemory,
  signal: AbortSignal,
): Promise<Taken> {
  const attempt: AttemptRef = { submission_id: message.submission_id, attempt: message.attempt };
  const claim = await deps.toBackend.through(() => deps.claims.claim(attempt), signal);
  if (claim.outcome !== 'claimed') return { kind: 'dropped', why: claim.outcome };
  try {
    const made = await deps.createJob({
      ...attempt,
      result_token: claim.result_token,
      record_key: claim.record_key,
      request_id: message.request_id,
      traceparent: message.traceparent ?? claim.traceparent ?? undefined,
    });
    if (!deps.cancelled.has(runnerJobName(attempt.submission_id, attempt.attempt))) {
      return { kind: made.created ? 'created' : 'found' };
    }
    await deps.removeJob(made.job);
    return { kind: 'dropped', why: 'cancelled' };
  } catch (error) {
    return refused(deps, attempt, quota, error, signal);
  }
}

async function refused(
  deps: TakeDependencies,
  attempt: AttemptRef,
  quota: QuotaMemory,
  error: unknown,
  signal: AbortSignal,
): Promise<Taken> {
  const refusal = classify(error);
  if (refusal.kind === 'again' || refusal.kind === 'outage') throw error;
  const { kind, failure } = refusal;
  const send = (report: Parameters<Reports['send']>[0]) =>
    deps.toBackend.through(() => deps.reports.send(report), signal);
  const now = performance.now();
  const told = quota.since !== undefined;
  quota.since ??= now;
  if (kind === 'final' || now - quota.since > deps.quotaGraceMs) {
    await send({ kind: 'failed', ...attempt, failure });
    return { kind: 'failed', failure };
  }
  if (!told) await send({ kind: 'waiting', ...attempt, code: failure.code, message: failure.message });
  throw error;
}
