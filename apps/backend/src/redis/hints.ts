import { type SubmissionHint, isFinal, runnerRecordKey, submissionChannel } from '@cloudemy/contracts';
import type { Logger } from '@cloudemy/service';
import type { Redis } from 'ioredis';
import type { TransitionListener } from '../submissions/mover.js';

/**
 * Tells the other replicas that a submission has moved on, and drops the runner's record of one that has
 * ended. Best effort: streams poll MongoDB as well, and records expire.
 */
export function redisHints(redis: Redis, log: Logger): TransitionListener {
  return ({ submission: { _id, attempt, status, seq } }) => {
    const id = String(_id);
    const hint: SubmissionHint = { submission_id: id, attempt, status, seq };
    const work = [
      redis.publish(submissionChannel, JSON.stringify(hint)),
      ...(isFinal(status) ? [redis.del(runnerRecordKey(id))] : []),
    ];
    Promise.all(work).catch((error: unknown) => {
      log.debug({ err: error, submission_id: id }, 'could not tell of a transition');
    });
  };
}
