import type { Failure } from '@cloudemy/contracts';
import { ProblemError } from '@cloudemy/service';
import type { Types } from 'mongoose';
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
