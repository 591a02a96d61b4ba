import type { Failure } from '@cloudemy/contracts';
import { ProblemError } from '@cloudemy/service';
import { Types } from 'mongoose';
import type { ActorName } from '../auth/actor-name.js';
import { changesOf } from './changes.js';
import type { Lifetime } from './lifetime.js';
import type { SubmissionCollection } from './model.js';
import { decide } from './states.js';
import {
  type Outcome,
  type TransitionRequest,
  snapshotOnly,
  type SubmissionSnapshot,
  type TransitionResult,
  type TransitionEvent,
  type ProgressRequest,
  type TransitionListener,
} from './transition.js';

/** States only go forward within an attempt, so a lost race can repeat this often at the very most. */
const maxRaces = 20;

/** The one place that changes the state of a submission: compare-and-set, with a history entry. */
export class TransitionService {
  private readonly model: SubmissionCollection;
  private readonly lifetime: Lifetime;
  private readonly listeners: readonly TransitionListener[];

  constructor(model: SubmissionCollection, lifetime: Lifetime, listeners: readonly TransitionListener[]) {
    this.model = model;
    this.lifetime = lifetime;
    this.listeners = listeners;
  }

  /**
   * Makes a transition if the table allows it from where the submission is now. A failure where trying again
   * can help becomes the next attempt, as long as automatic ones are left.
   *
   * @param known the state as just read, which saves reading it again; a stale one does no harm
   */
  async apply(request: TransitionRequest, known?: SubmissionSnapshot): Promise<TransitionResult> {
    let current = known ?? (await this.read(request.submissionId));
    for (let race = 0; race < maxRaces; race += 1) {
      if (current === null) return { decision: 'unknown' };
      const decision = decide(current, request.to, request.attempt);
      if (decision !== 'apply') return { decision, submission: current };
      if (request.seq !== undefined && request.seq !== current.seq) {
        return { decision: 'unchanged', submission: current };
      }
      const submission = await this.compareAndSet(current, request);
      if (submission !== null) {
        this.tell({
          submission,
          from: current.status,
          since: current.status_since,
          metrics: request.outcome?.metrics ?? null,
          failure: request.outcome?.failure ?? null,
        });
        return { decision, submission };
      }
      current = await this.read(request.submissionId);
    }
    throw new ProblemError('unavailable', {
      detail: 'The submission is changing too fast at the moment. Try again.',
      retryAfter: 1,
    });
  }

  /**
   * Makes many steps in one write, and those that lost a race one by one; in the order of the steps. Saves 10 to 13 % of
   * the CPU time of a Job (docs/adr/0037-claims-gathered.md).
   */
  async applyAll(steps: readonly ProgressRequest[]): Promise<TransitionResult[]> {
    const allowed = new Set(steps.filter(isAllowed));
    const write = new Types.ObjectId();
    const written = allowed.size === 0 ? 0 : await this.writeAll([...allowed], write);
    const now =
      written === allowed.size
        ? undefined
        : await snapshotsOf(
            this.model,
            [...allowed].map(({ known }) => known._id),
          );
    return Promise.all(
      steps.map(async (step) => {
        const { request, known } = step;
        if (!allowed.has(step)) return this.apply(request, known);
        const current = now?.get(String(known._id));
        // Where it is now does not tell: somebody else may have wanted the same, and told of it.
        const isMade = now === undefined || current?.moved_by?.equals(write) === true;
        return isMade ? this.stepped(step) : this.apply(request, current);
      }),
    );
  }

  private stepped({ request: { to }, known }: ProgressRequest): TransitionResult {
    const submission = { ...known, status: to, seq: known.seq + 1, waiting: null };
    this.tell({ submission, from: known.status, since: known.status_since, metrics: null, failure: null });
    return { decision: 'apply', submission };
  }

  /** How many of the steps were made. */
  private async writeAll(steps: readonly ProgressRequest[], write: Types.ObjectId): Promise<number> {
    const updates = steps.map(({ request, known }) => {
      const { $set, ...changes } = changesOf(known, request, this.lifetime);
      return { filter: exactly(known), update: { ...changes, $set: { ...$set, moved_by: write } } };
    });
    const [first, ...others] = updates;
    // Most come alone when little is going on, and a bulk of one takes half as long again.
    const { matchedCount } =
      first !== undefined && others.length === 0
        ? await this.model.updateOne(first.filter, first.update)
        : await this.model.bulkWrite(
            updates.map((updateOne) => ({ updateOne })),
            { ordered: false },
          );
    return matchedCount;
  }

  private tell(event: TransitionEvent): void {
    for (const listener of this.listeners) listener(event);
  }

  private read(id: Types.ObjectId): Promise<SubmissionSnapshot | null> {
    return this.model.findOne<SubmissionSnapshot>({ _id: id }, snapshotOnly);
  }

  private compareAndSet(
    current: SubmissionSnapshot,
    request: TransitionRequest,
  ): Promise<SubmissionSnapshot | null> {
    return this.model.findOneAndUpdate(exactly(current), changesOf(current, request, this.lifetime), {
      ...snapshotOnly,
      returnDocument: 'after',
    });
  }
}

/** Where those of these submissions that exist are, by id. */
export async function snapshotsOf(
  submissions: SubmissionCollection,
  ids: Types.ObjectId[],
): Promise<Map<string, SubmissionSnapshot>> {
  const found = await submissions.find<SubmissionSnapshot>({ _id: { $in: ids } }, snapshotOnly).toArray();
  return new Map(found.map((position) => [String(position._id), position]));
}

const isAllowed = ({ request, known }: ProgressRequest): boolean =>
  decide(known, request.to, request.attempt) === 'apply';

/** Finds the submission only if it is still in this very state. */
const exactly = ({ _id, status, attempt, seq }: SubmissionSnapshot) => ({ _id, status, attempt, seq });

/** A request that ends an attempt without a grade. */
export function failing(
  submissionId: Types.ObjectId,
  attempt: number,
  actor: ActorName,
  failure: Failure,
  outcome: Outcome = {},
): TransitionRequest {
  return {
    submissionId,
    attempt,
    actor,
    to: 'failed',
    reason: failure.message,
    outcome: { ...outcome, failure },
  };
}
