import { resultWithin } from '@cloudemy/async';
import type { Queue } from 'bullmq';

/** Milliseconds to wait for Redis: a scrape must not hang with it. */
const timeoutMs = 1_000;

/** Messages by state; nothing while Redis does not answer. */
export async function queueDepth(queue: Pick<Queue, 'getJobCounts'>): Promise<Record<string, number>> {
  const counts = queue.getJobCounts('waiting', 'prioritized', 'delayed', 'active', 'failed');
  return (
    (await resultWithin(
      timeoutMs,
      counts.catch(() => undefined),
    )) ?? {}
  );
}
