import type { Queue } from 'bullmq';
import type { DeadLetters } from './dead-letters.js';

/** Messages handed over in one go. */
const batch = 100;

/**
 * Hands over what the queue itself has given up, and removes it: nothing waits for a message there.
 * The scheduler never lets that happen, but other versions, other tools and hands may.
 *
 * @param inTime puts a limit on how long the queue may take to answer
 * @returns how many
 * @throws what the queue or the backend threw; what is left is handed over next time
 */
export async function clearFailed(
  queue: Pick<Queue, 'getFailed'>,
  deadLetters: Pick<DeadLetters, 'report'>,
  inTime: <T>(answer: Promise<T>) => Promise<T>,
): Promise<number> {
  // Undefined for a message that was struck off between the queue's list and its look at it.
  const failed = (await inTime(queue.getFailed(0, batch - 1))).filter((job) => job !== undefined);
  for (const job of failed) {
    await deadLetters.report(job, `the queue gave it up: ${job.failedReason}`, 'given_up');
    await inTime(job.remove());
  }
  return failed.length;
}
