import { mapLimit } from '@cloudemy/async';
import { type Failure, FailureCode, currentCode, failure, lateFailure } from '@cloudemy/contracts';
import type { SubmissionCollection } from './model.js';
import { type TransitionService, failing } from './transition-service.js';
import { type SubmissionSnapshot, snapshotOnly } from './transition.js';

const sweepBatch = 200;
const width = 8;

/**
 * Ends attempts whose state has lasted too long, or has them tried again. Any number of replicas may do it at
 * the same time: each moves a submission only from the very state whose deadline has passed.
 *
 * @param now as MongoDB says: a clock that is ahead here must not end what others work at
 */
export async function sweepDeadlines(
  submissions: SubmissionCollection,
  transitions: TransitionService,
  now: Date,
): Promise<void> {
  const late = await submissions
    .find<SubmissionSnapshot>(
      { deadline_at: { $lt: now } },
      { ...snapshotOnly, sort: { deadline_at: 1 }, limit: sweepBatch },
    )
    .toArray();
  await mapLimit(late, width, async (submission) => {
    const { _id, attempt, seq } = submission;
    const ended = failing(_id, attempt, 'backend', failureOf(submission, now));
    // A day in the queue is the end: another one would not do better.
    const withoutRetry = submission.status === 'queued' ? ({ retry: false } as const) : {};
    await transitions.apply({ ...ended, ...withoutRetry, seq }, submission);
  });
}

/** What the scheduler last saw standing in the way says more than that it took too long. */
function failureOf({ status, waiting, status_since: since }: SubmissionSnapshot, now: Date): Failure {
  const lasted = inWords(now.getTime() - since.getTime());
  const known = FailureCode.safeParse(currentCode(waiting?.code));
  if (waiting !== null && known.success) {
    const sentence = `${waiting.message} That did not change within ${lasted}`;
    return failure(known.data, { sentence, retryable: true });
  }
  return lateFailure(status === 'queued' || status === 'scheduled' ? status : 'running', lasted);
}

const units = [
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

/** A duration as people say it, to one unit: `10 minutes`. */
function inWords(ms: number): string {
  const [name, size] = units.find(([, unit]) => ms >= unit) ?? ['second', 1_000];
  const count = Math.max(1, Math.round(ms / size));
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}
