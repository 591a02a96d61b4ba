import { type QueuePayload, regradeFlow, userFlow } from '@cloudemy/contracts';
import { type Clock, ownClock } from '@cloudemy/mongo';
import type { QueueMessage, QueueProducer } from '../queue/producer.js';
import type { RunnerRecords } from '../redis/records.js';
import type { StoredSubmission, SubmissionCollection } from '../submissions/model.js';

/** Puts attempts on the queue and removes them from the outbox. Doing it twice is doing it once. */
export class Publisher {
  private readonly submissions: SubmissionCollection;
  private readonly records: RunnerRecords;
  private readonly queue: QueueProducer;

  private readonly now: Clock;

  /** @param now the time of MongoDB, which says until when an attempt is held back */
  constructor(
    submissions: SubmissionCollection,
    records: RunnerRecords,
    queue: QueueProducer,
    now: Clock = ownClock,
  ) {
    this.now = now;
    this.submissions = submissions;
    this.records = records;
    this.queue = queue;
  }

  /**
   * First the queue, then the outbox: a crash in between leaves the outbox set.
   *
   * @throws QueueUnavailable, or what Redis or MongoDB threw; nothing is lost, a sweeper tries again
   */
  async publish(submissions: readonly StoredSubmission[]): Promise<void> {
    await this.enqueue(submissions);
    await this.acknowledge(submissions);
  }

  /**
   * Puts them on the queue, with what their runners need. They stay in the outbox.
   *
   * @throws QueueUnavailable, or what Redis threw
   */
  async enqueue(submissions: readonly StoredSubmission[]): Promise<void> {
    if (submissions.length === 0) return;
    // One connection carries both in this order, so nobody has the message before the record is there.
    await Promise.all([
      this.records.write(submissions),
      this.queue.add(submissions.map((one) => messageOf(one, this.now()))),
    ]);
  }

  /** Takes attempts that are on the queue out of the outbox. Throws what MongoDB threw. */
  async acknowledge(submissions: readonly Pick<StoredSubmission, '_id' | 'attempt'>[]): Promise<void> {
    if (submissions.length === 0) return;
    // One write for those of the same attempt, which most are.
    const byAttempt = Map.groupBy(submissions, ({ attempt }) => attempt);
    for (const [attempt, own] of byAttempt) {
      await this.submissions.updateMany(
        { _id: { $in: own.map(({ _id }) => _id) }, 'outbox.attempt': attempt },
        { $set: { outbox: null } },
      );
    }
  }
}

/** Milliseconds that a message is held back at most: until the next day begins, and a bit. */
const longestDelayMs = 25 * 3_600_000;

function messageOf(submission: StoredSubmission, now: Date): QueueMessage {
  const { regrade_id: regrade, user_id: user, not_before: notBefore } = submission;
  return {
    payload: payloadOf(submission, now),
    flow: regrade === null ? userFlow(String(user)) : regradeFlow(String(regrade)),
    delayMs:
      notBefore === null ? 0 : Math.min(longestDelayMs, Math.max(0, notBefore.getTime() - now.getTime())),
  };
}

function payloadOf(submission: StoredSubmission, now: Date): QueuePayload {
  const { traceparent } = submission;
  return {
    submission_id: String(submission._id),
    attempt: submission.attempt,
    user_id: String(submission.user_id),
    enqueued_at: now.toISOString(),
    request_id: submission.request_id,
    ...(traceparent === null ? {} : { traceparent }),
  };
}
