import { type AttemptOutcome, type RegradeResult, isFinal, meetsEverybody } from '@cloudemy/contracts';
import { gradeOf, gradeView } from '../grades/grade.js';
import { type Clock, projectionOf } from '@cloudemy/mongo';
import type { z } from 'zod';
import { StoredGrade, StoredSubmission, type SubmissionCollection } from '../submissions/model.js';
import { SubmissionSnapshot } from '../submissions/transition.js';
import type { Regrading } from '../submissions/regrading.js';
import type { RegradeListing } from './listing.js';
import type { RegradeItemModel, RegradeModel, StoredRegrade, StoredRegradeItem } from './model.js';
import { endOfRequest, outcomeOf } from './outcomes.js';
import { countItems } from './regrades.js';

export interface RegradeWorkerParts {
  regrades: RegradeModel;
  items: RegradeItemModel;
  submissions: SubmissionCollection;
  listing: RegradeListing;
  regrading: Regrading;
  /** Submissions of one regrade that are graded at a time. */
  inFlight: number;
  /** Replicas must agree how long a lease lasts. */
  now: Clock;
}

/** Longer than any turn takes, and how long a regrade rests when the replica that works on it dies. */
const leaseMs = 15_000;
const batchesPerTurn = 10;
const regradesPerTurn = 10;

const Candidate = SubmissionSnapshot.extend({
  history: StoredSubmission.shape.history,
  finished_at: StoredSubmission.shape.finished_at,
  grade: StoredGrade.omit({ feedback: true, criteria: true }).nullable().optional(),
});
type Candidate = z.output<typeof Candidate>;
const candidateOnly = projectionOf(StoredSubmission, Candidate);

/**
 * Carries regrades on, step by step. A lease keeps replicas from doing the same work; should two do it all the
 * same, each step is a compare-and-set that only one of them makes.
 */
export class RegradeWorker {
  private readonly parts: RegradeWorkerParts;

  constructor(parts: RegradeWorkerParts) {
    this.parts = parts;
  }

  /** Carries every open regrade one step on. */
  async turn(): Promise<void> {
    const begun = this.parts.now();
    for (let count = 0; count < regradesPerTurn; count += 1) {
      const regrade = await this.lease(begun);
      if (regrade === null) return;
      await this.advance(regrade);
      await this.parts.regrades.updateOne({ _id: regrade._id }, { $set: { leased_until: this.parts.now() } });
    }
  }

  private lease(before: Date): Promise<StoredRegrade | null> {
    const leased = { leased_until: new Date(before.getTime() + leaseMs) };
    return this.parts.regrades
      .findOneAndUpdate(
        { open: true, leased_until: { $lt: before } },
        { $set: leased },
        { sort: { leased_until: 1 }, returnDocument: 'after' },
      )
      .lean<StoredRegrade>()
      .exec();
  }

  private async advance(leased: StoredRegrade): Promise<void> {
    const { items } = this.parts;
    if (leased.state === 'preparing') {
      // What was cancelled before it had begun, of a regrade that is resumed.
      const passedOver = { regrade_id: leased._id, state: 'cancelled', attempt: null } as const;
      await items.updateMany(passedOver, { $set: { state: 'queued' } });
    }
    const regrade = await this.list(leased);
    if (regrade.state === 'cancelled') {
      await items.updateMany({ regrade_id: regrade._id, state: 'queued' }, { $set: { state: 'cancelled' } });
    }
    const free = this.parts.inFlight - (await this.settle(regrade));
    if (regrade.state === 'preparing') return;
    if (regrade.state === 'running' && free > 0) await this.begin(regrade, free);
    await this.finish(regrade);
  }

  private async list(regrade: StoredRegrade): Promise<StoredRegrade> {
    let now = regrade;
    for (let batch = 0; batch < batchesPerTurn && now.state === 'preparing'; batch += 1) {
      now = (await this.parts.listing.next(now)) ?? { ...now, state: 'cancelled' };
    }
    return now;
  }

  /** Notes what has ended; how many are still being graded. */
  private async settle(regrade: StoredRegrade): Promise<number> {
    const running = await this.items(regrade, 'running', this.parts.inFlight * 2);
    const found = await this.read(running);
    let going = running.length;
    for (const item of running) {
      const submission = found.get(String(item.submission_id));
      const end = submission && item.attempt !== null ? endOfRequest(submission.history, item.attempt) : null;
      if (submission !== undefined) await this.pauseFor(regrade, item, submission);
      if (end === null) continue;
      await this.set(item, {
        state: endings[end.status] ?? 'failed',
        new: end,
        ...changeOf(item.before ?? null, end),
      });
      going -= 1;
    }
    return going;
  }

  /** Stops when an attempt of its failed as all would: nothing more is begun until somebody says so. */
  private async pauseFor(
    regrade: StoredRegrade,
    item: StoredRegradeItem,
    { history }: Candidate,
  ): Promise<void> {
    const since = regrade.resumed_at ?? regrade.created_at;
    const found = history.findLast(
      ({ failure, attempt, at }) =>
        failure !== null && meetsEverybody(failure.code) && attempt >= (item.attempt ?? 0) && at > since,
    );
    const failure = found?.failure ?? null;
    if (found === undefined || failure === null || regrade.state !== 'running') return;
    const { code, message } = failure;
    regrade.state = 'paused';
    await this.parts.regrades.updateOne(
      { _id: regrade._id, state: 'running' },
      {
        $set: {
          state: 'paused',
          paused_for: { code, message, since: found.at.toISOString() },
          untold: this.parts.now(),
        },
      },
    );
  }

  private async begin(regrade: StoredRegrade, free: number): Promise<void> {
    const waiting = await this.items(regrade, 'queued', free);
    const found = await this.read(waiting);
    for (const item of waiting) await this.beginOne(regrade, item, found.get(String(item.submission_id)));
  }

  private async beginOne(regrade: StoredRegrade, item: StoredRegradeItem, now: Candidate | undefined) {
    if (now === undefined) return this.set(item, { state: 'skipped' });
    if (now.requested_attempt !== item.requested_attempt) {
      // Begun before this process, or one before it, could note so. Otherwise a person was faster.
      const own = now.regrade_id?.equals(regrade._id) === true;
      return own ? this.begun(item, now, now.requested_attempt) : this.set(item, { state: 'skipped' });
    }
    if (!isFinal(now.status)) return undefined;
    if (!regrade.statuses.some((status) => status === now.status))
      return this.set(item, { state: 'skipped' });
    const { decision } = await this.parts.regrading.begin(now, {
      actor: regrade.requested_by,
      origin: { requestId: regrade.request_id, traceparent: null },
      reason: 'Regraded with the others',
      regradeId: regrade._id,
      draft: regrade.draft === true,
    });
    return decision === 'apply' ? this.begun(item, now, now.attempt + 1) : undefined;
  }

  private begun(item: StoredRegradeItem, now: Candidate, attempt: number): Promise<void> {
    const old = outcomeOf(now.history, attempt - 1);
    return this.set(item, { state: 'running', attempt, old, before: gradeBefore(now, old) });
  }

  private async finish({ _id, state }: StoredRegrade): Promise<void> {
    const { queued = 0, running = 0 } = await countItems(this.parts.items, { _id });
    if (queued + running > 0) return;
    const now = this.parts.now();
    const ended = {
      open: false,
      finished_at: now,
      untold: now,
      ...(state === 'running' || state === 'paused' ? { state: 'done', paused_for: null } : {}),
    };
    await this.parts.regrades.updateOne({ _id, open: true, state }, { $set: ended });
  }

  private items(regrade: StoredRegrade, state: StoredRegradeItem['state'], limit: number) {
    return this.parts.items
      .find({ regrade_id: regrade._id, state })
      .sort({ submission_id: 1 })
      .limit(limit)
      .lean<StoredRegradeItem[]>();
  }

  private async read(items: readonly StoredRegradeItem[]): Promise<Map<string, Candidate>> {
    const ids = items.map((item) => item.submission_id);
    const found = await this.parts.submissions
      .find<Candidate>({ _id: { $in: ids } }, candidateOnly)
      .toArray();
    return new Map(found.map((submission) => [String(submission._id), submission]));
  }

  /** Only from the state it was read in: another replica may have been faster. */
  private async set(item: StoredRegradeItem, change: Partial<StoredRegradeItem>): Promise<void> {
    await this.parts.items.updateOne({ _id: item._id, state: item.state }, { $set: change });
  }
}

/** The grade that a new attempt is compared with. One that an earlier version stored is its first. */
function gradeBefore(now: Candidate, old: AttemptOutcome | null): RegradeResult['before'] {
  const grade = gradeView(gradeOf(now));
  if (grade !== null) return { version: grade.version, score: grade.score, max_score: grade.max_score };
  return old?.status === 'graded' && old.score !== null && now.grade === undefined
    ? { version: 1, score: old.score, max_score: old.max_score }
    : null;
}

function changeOf(before: RegradeResult['before'], { score, max_score }: AttemptOutcome) {
  if (before === null || score === null) return { change: null, magnitude: before === null ? 1 : 0 };
  const share = score / max_score - before.score / before.max_score;
  return { change: Number((score - before.score).toFixed(6)), magnitude: Number(Math.abs(share).toFixed(6)) };
}

const endings: Partial<Record<string, StoredRegradeItem['state']>> = {
  graded: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
};
