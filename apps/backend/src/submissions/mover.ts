import type { Failure, SubmissionStatus } from '@cloudemy/contracts';
import { ProblemError } from '@cloudemy/service';
import { Types } from 'mongoose';
import type { ActorName } from '../auth/actor-name.js';
import { changesOf } from './changes.js';
import type { Judgement } from './grade.js';
import type { Lifetime } from './lifetime.js';
import type { StoredSubmission, SubmissionModel } from './model.js';
import { type Decision, decide } from './states.js';

/** Fields that a transition may set besides those that every transition sets. */
export interface Outcome extends Partial<Pick<StoredSubmission, 'metrics' | 'failure' | 'result_id'>> {
  /** What becomes the grade in force. */
  judgement?: Judgement;
}

/** Fields that a new attempt begins with. */
export type NewAttempt = Pick<StoredSubmission, 'assignment' | 'max_score' | 'request_id' | 'traceparent'> &
  Partial<Pick<StoredSubmission, 'regrade_id'>>;

export interface Move {
  submissionId: Types.ObjectId;
  /** The attempt this is about; for a request of another the one that has ended. */
  attempt: number;
  actor: ActorName;
  reason: string | null;
  to: SubmissionStatus;
  outcome?: Outcome;
  /** Only with `to: 'queued'`. */
  newAttempt?: NewAttempt;
  /** False for a failure that ends the submission although trying again might help. */
  retry?: false;
  /** Moves only from this very state; otherwise `unchanged`. */
  seq?: number;
}

/** Where a submission is and what a decision about it needs; cheap to read. */
export const positionFields = {
  _id: 1,
  assignment_id: 1,
  status: 1,
  attempt: 1,
  requested_attempt: 1,
  given_back: 1,
  seq: 1,
  moved_by: 1,
  'grade.attempt': 1,
  max_score: 1,
  result_id: 1,
  user_id: 1,
  traceparent: 1,
  waiting: 1,
  status_since: 1,
  regrade_id: 1,
  'assignment.version': 1,
} as const;
export type Position = Pick<
  StoredSubmission,
  Exclude<keyof typeof positionFields, 'assignment.version' | 'grade.attempt'>
> & {
  assignment: { version: number };
  grade?: { attempt: number } | null;
};

/** The code never changes, so nobody need carry it around to move a submission. */
export type Moving = Omit<StoredSubmission, 'code'>;

/** `submission` is the state after the move, or the one that stands against it. */
export type Moved<After = Moving> =
  | { decision: 'apply'; submission: After }
  | { decision: Exclude<Decision, 'apply' | 'unknown'>; submission: Position }
  | { decision: 'unknown'; submission?: Position };

/** A transition that has happened. `failure` is why the attempt ended, if it failed. */
export interface Made {
  submission: Position;
  from: SubmissionStatus;
  /** When it came to the state that it has left. */
  since: Date;
  /** What grading cost, when that is known. */
  metrics: Outcome['metrics'];
  failure: Failure | null;
}

/** A step within an attempt that says nothing but where it is now, and the state it is made from. */
export interface Step {
  move: Pick<Move, 'submissionId' | 'attempt' | 'actor' | 'reason'> & { to: 'scheduled' | 'running' };
  known: Position;
}

/** What is told of every transition, after it is durable. Must not throw. */
export type TransitionListener = (made: Made) => void;

/** States only go forward within an attempt, so a lost race can repeat this often at the very most. */
const maxRaces = 20;

/** The one place that changes the state of a submission: compare-and-set, with a history entry. */
export class Mover {
  private readonly model: SubmissionModel;
  private readonly lifetime: Lifetime;
  private readonly listeners: readonly TransitionListener[];

  constructor(model: SubmissionModel, lifetime: Lifetime, listeners: readonly TransitionListener[]) {
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
  async move(move: Move, known?: Position): Promise<Moved> {
    let current = known ?? (await this.read(move.submissionId));
    for (let race = 0; race < maxRaces; race += 1) {
      if (current === null) return { decision: 'unknown' };
      const decision = decide(current, move.to, move.attempt);
      if (decision !== 'apply') return { decision, submission: current };
      if (move.seq !== undefined && move.seq !== current.seq) {
        return { decision: 'unchanged', submission: current };
      }
      const submission = await this.compareAndSet(current, move);
      if (submission !== null) {
        this.tell({
          submission,
          from: current.status,
          since: current.status_since,
          metrics: move.outcome?.metrics ?? null,
          failure: move.outcome?.failure ?? null,
        });
        return { decision, submission };
      }
      current = await this.read(move.submissionId);
    }
    throw new ProblemError('unavailable', {
      detail: 'The submission is changing too fast at the moment. Try again.',
      retryAfter: 1,
    });
  }

  /** Makes many steps in one write, and those that lost a race one by one; in the order of the steps. */
  async moveAll(steps: readonly Step[]): Promise<Moved<Position>[]> {
    const allowed = new Set(steps.filter(isAllowed));
    const write = new Types.ObjectId();
    const written = allowed.size === 0 ? 0 : await this.writeAll([...allowed], write);
    const now =
      written === allowed.size
        ? undefined
        : await positionsOf(
            this.model,
            [...allowed].map(({ known }) => known._id),
          );
    return Promise.all(
      steps.map(async (step) => {
        const { move, known } = step;
        if (!allowed.has(step)) return this.move(move, known);
        const current = now?.get(String(known._id));
        // Where it is now does not tell: somebody else may have wanted the same, and told of it.
        const isMade = now === undefined || current?.moved_by?.equals(write) === true;
        return isMade ? this.stepped(step) : this.move(move, current);
      }),
    );
  }

  private stepped({ move: { to }, known }: Step): Moved<Position> {
    const submission = { ...known, status: to, seq: known.seq + 1, waiting: null };
    this.tell({ submission, from: known.status, since: known.status_since, metrics: null, failure: null });
    return { decision: 'apply', submission };
  }

  /** How many of the steps were made. */
  private async writeAll(steps: readonly Step[], write: Types.ObjectId): Promise<number> {
    // Past mongoose, whose casting costs more than the writes: the types say it all.
    const { collection } = this.model;
    const updates = steps.map(({ move, known }) => {
      const { $set, ...changes } = changesOf(known, move, this.lifetime);
      return { filter: exactly(known), update: { ...changes, $set: { ...$set, moved_by: write } } };
    });
    const [first, ...others] = updates;
    // Most come alone when little is going on, and a bulk of one takes half as long again.
    const { matchedCount } =
      first !== undefined && others.length === 0
        ? await collection.updateOne(first.filter, first.update)
        : await collection.bulkWrite(
            updates.map((updateOne) => ({ updateOne })),
            { ordered: false },
          );
    return matchedCount;
  }

  private tell(made: Made): void {
    for (const listener of this.listeners) listener(made);
  }

  private read(id: Types.ObjectId): Promise<Position | null> {
    return this.model.findById(id, positionFields).lean<Position>().exec();
  }

  private compareAndSet(current: Position, move: Move): Promise<Moving | null> {
    return this.model
      .findOneAndUpdate(exactly(current), changesOf(current, move, this.lifetime), {
        returnDocument: 'after',
        projection: { code: 0 },
      })
      .lean<Moving>()
      .exec();
  }
}

/** Where those of these submissions that exist are, by id. Past mongoose, like the writes that follow. */
export async function positionsOf(
  { collection }: SubmissionModel,
  ids: Types.ObjectId[],
): Promise<Map<string, Position>> {
  const cursor = collection.find<Position>({ _id: { $in: ids } }, { projection: positionFields });
  const found = await cursor.toArray();
  return new Map(found.map((position) => [String(position._id), position]));
}

const isAllowed = ({ move, known }: Step): boolean => decide(known, move.to, move.attempt) === 'apply';

/** Finds the submission only if it is still in this very state. */
const exactly = ({ _id, status, attempt, seq }: Position) => ({ _id, status, attempt, seq });

/** A move that ends an attempt without a grade. */
export function failing(
  submissionId: Types.ObjectId,
  attempt: number,
  actor: ActorName,
  failure: Failure,
  outcome: Outcome = {},
): Move {
  return {
    submissionId,
    attempt,
    actor,
    to: 'failed',
    reason: failure.message,
    outcome: { ...outcome, failure },
  };
}
