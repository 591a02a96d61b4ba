import { type Failure, isFinal, meetsEverybody } from '@cloudemy/contracts';
import type { mongo } from 'mongoose';
import { putInForce } from '../grades/in-force.js';
import type { Lifetime } from './lifetime.js';
import type { StoredHistoryEntry, StoredSubmission } from './model.js';
import type { TransitionRequest, SubmissionSnapshot } from './transition.js';

/** What an attempt knows before it has ended. The grade in force is not the attempt's: it stays. */
export const nothingYet = {
  metrics: null,
  failure: null,
  waiting: null,
  result_id: null,
  finished_at: null,
} satisfies Partial<StoredSubmission>;

/** The update that makes a transition the table allows: the new state, its deadline and its entry in the history. */
export function changesOf(
  current: SubmissionSnapshot,
  request: TransitionRequest,
  lifetime: Lifetime,
): mongo.UpdateFilter<StoredSubmission> {
  const now = lifetime.now();
  const pause = request.to === 'failed' ? pauseAfter(current, request, lifetime) : undefined;
  if (pause !== undefined) return retrying(current, request, lifetime, now, pause);
  if (request.to === 'queued') return requested(current, request, lifetime, now);
  const deadline = lifetime.deadline(request.to, now);
  const inForce = gradedBy(current, request, now);
  const set = {
    ...always(current, now),
    status: request.to,
    // Whoever moves it on has it from the queue.
    outbox: null,
    ...(deadline === undefined ? ended(request, inForce, now) : { deadline_at: deadline }),
  };
  return {
    $set: set,
    $push: { history: { ...entryOf(current, request, now), grade: inForce?.step ?? null } },
    ...(isFinal(request.to) ? { $unset: { deadline_at: '' }, $min: { untold: now } } : {}),
  };
}

function ended(
  { outcome = {} }: TransitionRequest,
  inForce: ReturnType<typeof gradedBy>,
  now: Date,
): Partial<StoredSubmission> {
  const { judgement: _, ...others } = outcome;
  return { ...others, ...(inForce === undefined ? {} : { grade: inForce.grade }), finished_at: now };
}

/** What the grader says takes effect. */
function gradedBy(current: SubmissionSnapshot, { outcome, actor, reason }: TransitionRequest, at: Date) {
  if (outcome?.judgement === undefined || current.draft === true) return undefined;
  const { attempt, max_score, assignment, seq } = current;
  const content = { ...outcome.judgement, attempt, max_score, assignment_version: assignment.version };
  return putInForce(content, { source: 'attempt', actor, reason, seq: seq + 1, at });
}

const always = ({ seq }: SubmissionSnapshot, now: Date) => ({
  seq: seq + 1,
  waiting: null,
  status_since: now,
  updated_at: now,
});

function pauseAfter(
  current: SubmissionSnapshot,
  { outcome, retry }: TransitionRequest,
  lifetime: Lifetime,
): number | undefined {
  if (retry === false || outcome?.failure === undefined || outcome.failure === null) return undefined;
  return lifetime.pauseAfter(outcome.failure, current);
}

function requested(
  current: SubmissionSnapshot,
  request: TransitionRequest,
  lifetime: Lifetime,
  now: Date,
): mongo.UpdateFilter<StoredSubmission> {
  const attempt = current.attempt + 1;
  const begun = {
    regrade_id: null,
    draft: false,
    ...request.newAttempt,
    requested_attempt: attempt,
    given_back: 0,
    not_before: null,
  };
  return {
    $set: { ...nothingYet, ...always(current, now), ...begun, ...queued(attempt, now, now, lifetime) },
    $push: { history: entryOf(current, request, now) },
  };
}

/** The failed attempt leaves its reason in the history; the next one begins when the pause is over. */
function retrying(
  current: SubmissionSnapshot,
  request: TransitionRequest,
  lifetime: Lifetime,
  now: Date,
  pauseMs: number,
): mongo.UpdateFilter<StoredSubmission> {
  const attempt = current.attempt + 1;
  const notBefore = new Date(now.getTime() + pauseMs);
  const message = retryMessage(request.outcome?.failure ?? null, pauseMs);
  return {
    $set: {
      ...nothingYet,
      ...always(current, now),
      ...queued(attempt, now, notBefore, lifetime),
      not_before: notBefore,
      given_back: (current.given_back ?? 0) + (isGivenBack(request) ? 1 : 0),
      waiting: { code: 'retry', message, since: now },
    },
    $push: { history: entryOf(current, { ...request, to: 'queued', reason: message }, now) },
  };
}

/** A failure that would have met every submission is not this one's: the attempt does not count. */
const isGivenBack = ({ outcome }: TransitionRequest): boolean =>
  outcome?.failure !== undefined && outcome.failure !== null && meetsEverybody(outcome.failure.code);

function queued(attempt: number, now: Date, from: Date, lifetime: Lifetime): Partial<StoredSubmission> {
  const deadline = lifetime.deadline('queued', from);
  return {
    status: 'queued',
    attempt,
    outbox: { attempt, since: now },
    ...(deadline === undefined ? {} : { deadline_at: deadline }),
  };
}

function retryMessage(failure: Failure | null, pauseMs: number): string {
  const seconds = Math.max(1, Math.round(pauseMs / 1_000));
  return `${failure?.message ?? 'It failed.'} It is tried again in ${seconds} s.`;
}

/** The attempt that the entry is about: the current one, or the one that it begins. */
const isDraft = (current: SubmissionSnapshot, { newAttempt }: TransitionRequest): boolean =>
  (newAttempt === undefined ? current.draft : newAttempt.draft) === true;

function entryOf(current: SubmissionSnapshot, request: TransitionRequest, now: Date): StoredHistoryEntry {
  const again = request.to === 'queued';
  return {
    seq: current.seq + 1,
    at: now,
    status: request.to,
    attempt: again ? current.attempt + 1 : current.attempt,
    actor: request.actor,
    reason: request.reason,
    score: request.outcome?.judgement?.score ?? null,
    max_score: request.newAttempt?.max_score ?? current.max_score,
    fail_tags: request.outcome?.judgement?.fail_tags ?? [],
    failure: request.outcome?.failure ?? null,
    assignment_version: request.newAttempt?.assignment.version ?? current.assignment.version,
    result_id: request.outcome?.result_id ?? null,
    ...(isDraft(current, request) ? { draft: true } : {}),
    grade: null,
  };
}
