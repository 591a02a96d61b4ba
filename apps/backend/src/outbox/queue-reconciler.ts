import type { Types } from 'mongoose';
import type { QueueProducer } from '../queue/producer.js';
import type { StoredSubmission, SubmissionModel } from '../submissions/model.js';
import type { Publisher } from './publisher.js';
import { publishBatch } from './sweeper.js';

/** Questions to the queue are cheap. */
const checkBatch = 500;

type Queued = Pick<StoredSubmission, '_id' | 'attempt' | 'outbox' | 'status_since'>;

/** Finds submissions that wait in a queue which has lost them, some at each round. */
export class QueueReconciler {
  private cursor: Types.ObjectId | undefined;

  private readonly submissions: SubmissionModel;
  private readonly queue: QueueProducer;
  private readonly publisher: Publisher;
  /** How long a submission must have been queued before the queue is asked for it. */
  private readonly afterMs: number;

  constructor(submissions: SubmissionModel, queue: QueueProducer, publisher: Publisher, afterMs: number) {
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
      .find(
        { status: 'queued', ...(this.cursor === undefined ? {} : { _id: { $gt: this.cursor } }) },
        { _id: 1, attempt: 1, outbox: 1, status_since: 1 },
      )
      .sort({ _id: 1 })
      .limit(checkBatch)
      .lean<Queued[]>();
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
        .lean<StoredSubmission[]>();
      await this.publisher.publish(again);
    }
  }
}
