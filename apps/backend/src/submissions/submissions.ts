import { type Submission, type SubmissionStatus, isFinal } from '@cloudemy/contracts';
import { ProblemError, notFound } from '@cloudemy/service';
import { type Actor, forbidden } from '@cloudemy/auth';
import { actorName } from '../auth/actor-name.js';
import { GatheredReads, objectId } from '@cloudemy/mongo';
import type { Sees } from '../courses/sight.js';
import type { WhyWaiting } from '../hold/why-waiting.js';
import type { QueuePlaces } from '../queue/place.js';
import { detailedFailure, failureView } from './attempts-view.js';
import type { Origin } from './intake.js';
import type { StoredSubmission, SubmissionCollection } from './model.js';
import type { TransitionService } from './transition-service.js';
import type { Regrading } from './regrading.js';
import { type Readable, readableOnly, submissionView } from './view.js';

/** What is shown to a reader. */
export interface Reader {
  /** Whether they are told what was wrong with a failed attempt, by whose submission it is. */
  knows: (userId: string) => boolean;
  sees: Sees;
}

const staffReader: Reader = { knows: () => false, sees: () => true };

/** Reading, cancelling and regrading single submissions. */
export class Submissions {
  private readonly model: SubmissionCollection;
  private readonly reads: GatheredReads<Readable>;
  private readonly regrading: Regrading;
  private readonly transitions: TransitionService;
  private readonly places: Pick<QueuePlaces, 'find'>;
  private readonly waits: Pick<WhyWaiting, 'of'>;
  private readonly onQueued: (submission: StoredSubmission) => void;

  constructor(
    model: SubmissionCollection,
    regrading: Regrading,
    transitions: TransitionService,
    places: Pick<QueuePlaces, 'find'>,
    waits: Pick<WhyWaiting, 'of'>,
    onQueued: (submission: StoredSubmission) => void,
  ) {
    this.model = model;
    this.reads = new GatheredReads((filter) => model.find<Readable>(filter, readableOnly).toArray());
    this.regrading = regrading;
    this.transitions = transitions;
    this.places = places;
    this.waits = waits;
    this.onQueued = onQueued;
  }

  /**
   * @param reader what is shown to them
   * @throws ProblemError `not_found`
   */
  async get(submissionId: string, { knows, sees }: Reader = staffReader): Promise<Submission> {
    const found = await this.reads.find(objectId(submissionId));
    if (found === null) throw notFound('submission', submissionId);
    const [place, waiting] = await Promise.all([this.places.find(found), this.waits.of(found)]);
    const show = knows(String(found.user_id)) ? detailedFailure : failureView;
    return submissionView({ ...found, waiting }, sees, place, show);
  }

  /**
   * Cancels, now or before. Who submitted may take back their own request only: a first attempt without a grade.
   *
   * @throws ProblemError `not_found`, `forbidden`, `submission_final`
   */
  async cancel(actor: Actor, submissionId: string, right: CancelRight, reader: Reader): Promise<Submission> {
    const current = await this.mustFind(submissionId);
    if (right === 'own' && !isOwnRequest(current)) throw notYourRequest(current);
    const { decision, submission } = await this.transitions.apply(
      {
        submissionId: current._id,
        attempt: current.attempt,
        to: 'cancelled',
        actor: actorName(actor),
        reason: 'Cancelled on request.',
      },
      current,
    );
    if (decision === 'apply' || decision === 'unchanged') return this.get(submissionId, reader);
    if (decision === 'final') {
      throw new ProblemError('submission_final', {
        detail: `The submission is ${submission.status} already and cannot be cancelled.`,
      });
    }
    throw new ProblemError('conflict', {
      detail: 'The submission was regraded at this very moment. Read it again.',
    });
  }

  /**
   * Begins a new attempt, graded by the assignment as it is now.
   *
   * @throws ProblemError `not_found`, `conflict` while an attempt is under way
   */
  async regrade(actor: Actor, submissionId: string, origin: Origin): Promise<Submission> {
    const current = await this.mustFind(submissionId);
    if (!isFinal(current.status)) throw underWay(current.status);
    const request = { actor: actorName(actor), origin, reason: 'Regraded' };
    const { decision, submission } = await this.regrading.begin(current, request);
    if (decision !== 'apply') throw underWay(submission?.status ?? 'queued');
    const queued = await this.mustFind(submissionId);
    this.onQueued(queued);
    return submissionView(queued, () => true);
  }

  private async mustFind(submissionId: string): Promise<StoredSubmission> {
    const found = await this.model.findOne({ _id: objectId(submissionId) });
    if (found === null) throw notFound('submission', submissionId);
    return found;
  }
}

/** `own`: somebody who may cancel it as the one who submitted it, and for no other reason. */
export type CancelRight = 'own' | 'any';

const isOwnRequest = ({ requested_attempt: request, grade }: StoredSubmission): boolean =>
  request === 1 && (grade ?? null) === null;

function notYourRequest({ status }: StoredSubmission): ProblemError {
  return isFinal(status)
    ? new ProblemError('submission_final', {
        detail: `The submission is ${status} already and cannot be cancelled.`,
      })
    : forbidden(
        'You may cancel what you asked for yourself. Others asked for this attempt: ask your instructor. Your grade stays until it is replaced.',
      );
}

function underWay(status: SubmissionStatus): ProblemError {
  return new ProblemError('conflict', {
    detail: `The submission is ${status}: it can be regraded once it is graded, failed or cancelled.`,
  });
}
