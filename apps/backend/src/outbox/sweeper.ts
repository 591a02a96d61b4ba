import type { SubmissionCollection } from '../submissions/model.js';
import type { Publisher } from './publisher.js';

/** Small enough that one round of large submissions stays well below the memory of a pod. */
export const publishBatch = 50;

/** Milliseconds after which the rest is left to the next round: an outage may have left a hundred thousand. */
const roundMs = 10_000;

/**
 * Publishes what a crash or an outage left in the outbox, oldest first, as much as there is time for.
 *
 * @param now as MongoDB says, whose times are compared with it
 * @param graceMs how old it must be, so as not to race the request that has just stored it
 * @returns milliseconds that the oldest has been waiting; 0 when there is none
 */
export async function sweepOutbox(
  submissions: SubmissionCollection,
  publisher: Publisher,
  now: Date,
  graceMs: number,
): Promise<number> {
  const started = performance.now();
  let lag = 0;
  for (;;) {
    const batch = await submissions
      .find(
        { 'outbox.since': { $lt: new Date(now.getTime() - graceMs) } },
        { sort: { 'outbox.since': 1 }, limit: publishBatch },
      )
      .toArray();
    lag = Math.max(lag, ...batch.map(({ outbox }) => now.getTime() - (outbox?.since ?? now).getTime()));
    await publisher.publish(batch);
    if (batch.length < publishBatch || performance.now() - started > roundMs) return lag;
  }
}
