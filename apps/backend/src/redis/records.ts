import { runnerRecordKey } from '@cloudemy/contracts';
import type { Redis } from 'ioredis';
import type { StoredSubmission } from '../submissions/model.js';
import { runnerRecord } from '../submissions/view.js';

/**
 * Writes what the runners of these submissions need.
 *
 * @param ttlSeconds after which Redis forgets them
 * @throws the first error of the pipeline
 */
export async function writeRecords(
  redis: Redis,
  submissions: readonly StoredSubmission[],
  ttlSeconds: number,
): Promise<void> {
  const pipeline = redis.pipeline();
  for (const submission of submissions) {
    const key = runnerRecordKey(String(submission._id));
    pipeline.set(key, JSON.stringify(runnerRecord(submission)), 'EX', ttlSeconds);
  }
  const replies = (await pipeline.exec()) ?? [];
  for (const [error] of replies) if (error !== null) throw error;
}
