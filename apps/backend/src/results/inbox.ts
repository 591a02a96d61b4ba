import { partsIn } from '../files/view.js';
import { randomBytes } from 'node:crypto';
import { type Failure, type ResultAnswer, type Transcript, failure, isFinal } from '@cloudemy/contracts';
import { ProblemError } from '@cloudemy/service';
import {
  type Clock,
  type Projected,
  isDuplicateKey,
  objectId,
  ownClock,
  projectionOf,
} from '@cloudemy/mongo';
import { StoredSubmission, type SubmissionCollection } from '../submissions/model.js';
import { type TransitionService, failing } from '../submissions/transition-service.js';
import type { TransitionRequest } from '../submissions/transition.js';
import { claimedAttempt, judge } from './judge.js';
import { type ResultCollection, type StoredResult, type Verdict, resultId } from './model.js';
import { type ResultGrant, invalidToken } from './token.js';

const targetOnly = projectionOf(
  StoredSubmission,
  StoredSubmission.pick({
    _id: true,
    status: true,
    attempt: true,
    assignment: true,
    code: true,
    files: true,
    language: true,
  }),
);
type Target = Projected<typeof targetOnly>;

/**
 * Takes results in two steps, each repeatable: note it in the inbox (the first of an attempt wins), then move
 * the submission. A crash in between is healed by a repeat of the callback or by the sweeper.
 */
export class ResultInbox {
  private readonly results: ResultCollection;
  private readonly submissions: SubmissionCollection;
  private readonly transitions: TransitionService;

  private readonly now: Clock;

  constructor(
    results: ResultCollection,
    submissions: SubmissionCollection,
    transitions: TransitionService,
    now: Clock = ownClock,
  ) {
    this.now = now;
    this.results = results;
    this.submissions = submissions;
    this.transitions = transitions;
  }

  /**
   * @param body the raw body of the callback
   * @throws ProblemError `invalid_result_token`, `stale_attempt`, `submission_final`, `result_ungradable`
   */
  async deliver(grant: ResultGrant, body: Buffer): Promise<ResultAnswer> {
    const target = await this.submissions.findOne<Target>({ _id: objectId(grant.submissionId) }, targetOnly);
    const earlier = await this.find(grant);
    if (earlier !== null && endedByIt(earlier, target)) return answer(await this.apply(earlier));
    assertCurrent(target, grant);
    const verdict = judge(body, {
      code: target.code,
      language: target.language,
      files: partsIn(target.files),
      rubric: target.assignment.rubric,
    });
    const claimed = claimedAttempt(verdict);
    if (claimed !== undefined && claimed !== grant.attempt) {
      throw invalidToken(`is for attempt ${grant.attempt}, the body of attempt ${claimed}`);
    }
    const entry = earlier ?? (await this.note(target, verdict));
    return answer(await this.apply(entry));
  }

  /** Moves the submissions of results that were noted but not applied for this long. */
  async sweep(graceMs: number): Promise<void> {
    const left = await this.results
      .find(
        { applied: false, received_at: { $lt: new Date(this.now().getTime() - graceMs) } },
        { sort: { received_at: 1 }, limit: sweepBatch },
      )
      .toArray();
    for (const entry of left) await this.apply(entry);
  }

  private find({ submissionId, attempt }: ResultGrant): Promise<StoredResult | null> {
    return this.results.findOne({ _id: resultId(submissionId, attempt) });
  }

  private async note(target: Target, verdict: Verdict): Promise<StoredResult> {
    if (isFinal(target.status)) throw alreadyFinal(target.status);
    const { transcript, kept } = apart(verdict);
    const entry: StoredResult = {
      _id: resultId(String(target._id), target.attempt),
      submission_id: target._id,
      attempt: target.attempt,
      assignment_version: target.assignment.version,
      assignment: target.assignment,
      record: { salt: randomBytes(32).toString('base64url'), transcript },
      verdict: kept,
      received_at: this.now(),
      applied: false,
      accepted: null,
    };
    try {
      await this.results.insertOne(entry);
      return entry;
    } catch (error) {
      const first = isDuplicateKey(error) ? await this.results.findOne({ _id: entry._id }) : null;
      if (first === null) throw error;
      return first;
    }
  }

  /** Whether a later attempt has taken over after this result was taken. */
  private async hasTaken({ _id, submission_id: id }: StoredResult): Promise<boolean> {
    const taken = { _id: id, 'history.result_id': _id };
    return (await this.submissions.findOne(taken, { projection: { _id: 1 } })) !== null;
  }

  /** The entry with `accepted` decided. */
  private async apply(entry: StoredResult): Promise<StoredResult> {
    if (entry.applied) return entry;
    const { decision, submission } = await this.transitions.apply(requestOf(entry));
    const accepted =
      decision === 'apply' || submission?.result_id === entry._id || (await this.hasTaken(entry));
    await this.results.updateOne({ _id: entry._id }, { $set: { applied: true, accepted } });
    return { ...entry, applied: true, accepted };
  }
}

const sweepBatch = 100;

/** What only the receipt needs, apart from what everything else does. */
function apart(verdict: Verdict): { transcript: Transcript | null; kept: Verdict } {
  if (verdict.kind === 'ungradable') return { transcript: null, kept: verdict };
  if (verdict.kind === 'graded') {
    const { transcript = null, ...result } = verdict.result;
    return { transcript, kept: { kind: 'graded', result } };
  }
  const { transcript = null, ...result } = verdict.result;
  return { transcript, kept: { kind: 'failed', result } };
}

/** A failure that led to another attempt by itself: its repeat is answered like the first, not as stale. */
function endedByIt({ attempt, verdict }: StoredResult, target: Target | null): boolean {
  return target !== null && attempt < target.attempt && verdict.kind === 'failed';
}

function assertCurrent(target: Target | null, { attempt }: ResultGrant): asserts target is Target {
  if (target === null || attempt > target.attempt) {
    throw invalidToken('is for a submission that does not exist');
  }
  if (attempt < target.attempt) {
    throw new ProblemError('stale_attempt', {
      detail: `Attempt ${attempt} is over: attempt ${target.attempt} has taken over. Drop this result.`,
    });
  }
}

function requestOf({ _id, submission_id: id, attempt, verdict }: StoredResult): TransitionRequest {
  if (verdict.kind === 'graded') {
    const { score, fail_tags, feedback, criteria, metrics } = verdict.result;
    const judgement = { score, fail_tags, feedback, criteria };
    const outcome = { judgement, metrics, result_id: _id };
    return { submissionId: id, attempt, to: 'graded', actor: 'runner', reason: null, outcome };
  }
  if (verdict.kind === 'failed') {
    const { failure, metrics } = verdict.result;
    return failing(id, attempt, 'runner', failure, { metrics, result_id: _id });
  }
  return failing(id, attempt, 'backend', ungradable(verdict.reason), { result_id: _id });
}

const ungradable = (because: string): Failure => failure('result_ungradable', { because });

function answer({ accepted, verdict, submission_id: id, attempt }: StoredResult): ResultAnswer {
  if (accepted !== true) throw alreadyFinal('final');
  if (verdict.kind === 'ungradable') {
    throw new ProblemError('result_ungradable', {
      detail: `The result was kept and the submission failed: ${verdict.reason}.`,
    });
  }
  const score = verdict.kind === 'graded' ? verdict.result.score : null;
  return { submission_id: String(id), attempt, status: verdict.kind, score };
}

function alreadyFinal(status: string): ProblemError {
  return new ProblemError('submission_final', {
    detail: `The submission is ${status} already; this result changes nothing. Drop it.`,
  });
}
