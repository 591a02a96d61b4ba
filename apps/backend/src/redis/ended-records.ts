import { Id, finalStatuses, runnerRecordKey } from '@cloudemy/contracts';
import { objectId } from '@cloudemy/mongo';
import type { Redis } from 'ioredis';
import type { SubmissionModel } from '../submissions/model.js';

/** Keys that Redis looks at in one round: a scan blocks it for no longer than that. */
const scanned = 1_000;

const anyRecord = runnerRecordKey('*');
const prefixLength = runnerRecordKey('').length;

/**
 * Drops the records of submissions that have ended, some at each round. Whoever ends a submission drops its record,
 * but Redis may be away at that moment, or the record written once more by one who was late.
 */
export class EndedRecords {
  private cursor = '0';

  private readonly redis: Redis;
  private readonly submissions: SubmissionModel;

  constructor(redis: Redis, submissions: SubmissionModel) {
    this.redis = redis;
    this.submissions = submissions;
  }

  /**
   * Looks at the next keys; begins anew after the last.
   *
   * @throws what Redis or MongoDB throws
   */
  async round(): Promise<void> {
    const [next, keys] = await this.redis.scan(this.cursor, 'MATCH', anyRecord, 'COUNT', scanned);
    const ids = keys.map((key) => key.slice(prefixLength)).filter((id) => Id.safeParse(id).success);
    if (ids.length > 0) await this.dropEnded(ids);
    this.cursor = next;
  }

  private async dropEnded(ids: readonly string[]): Promise<void> {
    const ended = await this.submissions
      .find({ _id: { $in: ids.map(objectId) }, status: { $in: finalStatuses } }, { _id: 1 })
      .lean();
    // One that is graded again at this very moment loses its new record: its runner asks the backend.
    if (ended.length > 0) await this.redis.del(ended.map(({ _id }) => runnerRecordKey(String(_id))));
  }
}
