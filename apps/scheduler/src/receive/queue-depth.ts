import type { Queue } from 'bullmq';

/** Milliseconds to wait for Redis: a scrape must not hang with it. */
const timeoutMs = 1_000;

/** Messages by state; nothing while Redis does not answer. */
export async function queueDepth(queue: Pick<Queue, 'getJobCounts'>): Promise<Record<string, number>> {
  const late = new Promise<Record<string, number>>((resolve) => {
    setTimeout(() => resolve({}), timeoutMs).unref();
  });
  const counts = queue.getJobCounts('waiting', 'prioritized', 'delayed', 'active', 'failed');
  return Promise.race([counts.catch(() => ({})), late]);
}
