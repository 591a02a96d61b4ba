import { type Projected, projectionOf } from '@cloudemy/mongo';
import type { Types } from 'mongoose';
import type { QueueProducer } from '../queue/producer.js';
import { StoredSubmission, type SubmissionCollection } from '../submissions/model.js';
import type { Publisher } from './publisher.js';
import { publishBatch } from './sweeper.js';

/** Questions to the queue are cheap. */
const checkBatch = 500;

const queuedOnly = projectionOf(
  StoredSubmission,
  StoredSubmission.pick({ _id: true, attempt: true, outbox: true, status_since: true }),
);
type Queued = Projected<typeof queuedOnly>;

/** Finds submissions that wait in a queue which has lost them, some at each round. */
export class QueueReconciler {
  private cursor: Types.ObjectId | undefined;

  private readonly submissions: SubmissionCollection;
  private readonly queue: QueueProducer;
  private readonly publisher: Publisher;
  /** How long a submission must have been queued before the queue is asked for it. */
  private readonly afterMs: number;

  constructor(
    submissions: SubmissionCollection,
    queue: QueueProducer,
    publisher: Publisher,
    afterMs: number,
  ) {
    this.submissions = submissions;
    this.queue = queue;
    this.publisher = publisher;
    this.afterMs = afterMs;
  }

  /**
   * Looks at the next batch; begins again after the last.
   *
   * @param now as MongoDB says
   */
  async round(now: Date): Promise<void> {
    const batch = await this.submissions
      .find<Queued>(
        { status: 'queued', ...(this.cursor === undefined ? {} : { _id: { $gt: this.cursor } }) },
        { ...queuedOnly, sort: { _id: 1 }, limit: checkBatch },
      )
      .toArray();
    const oldest = now.getTime() - this.afterMs;
    const suspects = batch.filter(({ outbox, status_since: at }) => outbox === null && at.getTime() < oldest);
    if (suspects.length > 0) await this.examine(suspects);
    this.cursor = batch.length < checkBatch ? undefined : batch.at(-1)?._id;
  }

  private async examine(suspects: readonly Queued[]): Promise<void> {
    const states = await this.queue.states(
      suspects.map(({ _id, attempt }) => ({ submissionId: String(_id), attempt })),
    );
    const missing = suspects.filter((_, index) => states[index] === 'missing');
    // A message may be there and on no list: while it is, adding it again adds nothing.
    await this.queue.discard(missing.map(({ _id, attempt }) => ({ submissionId: String(_id), attempt })));
    const lost = missing.map(({ _id }) => _id);
    for (let from = 0; from < lost.length; from += publishBatch) {
      const again = await this.submissions
        .find({ _id: { $in: lost.slice(from, from + publishBatch) }, status: 'queued' })
        .toArray();
      await this.publisher.publish(again);
    }
  }
}
