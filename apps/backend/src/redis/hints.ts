import { type SubmissionHint, isFinal, runnerRecordKey, submissionChannel } from '@cloudemy/contracts';
import type { Logger } from '@cloudemy/service';
import type { Redis } from 'ioredis';
import type { GradeListener } from '../grades/grades.js';

/**
 * Tells the other replicas that submissions have moved on, those of one write together, and drops the runner's record
 * of one that has ended. Best effort: streams poll MongoDB as well, and records expire.
 */
export function redisHints(redis: Redis, log: Logger): GradeListener {
  let hints: SubmissionHint[] = [];
  let outlived: string[] = [];
  const send = (): void => {
    const [told, keys] = [hints, outlived];
    [hints, outlived] = [[], []];
    const message = told.length === 1 ? told[0] : told;
    const work = [
      redis.publish(submissionChannel, JSON.stringify(message)),
      ...(keys.length === 0 ? [] : [redis.del(keys)]),
    ];
    Promise.all(work).catch((error: unknown) => {
      log.debug({ err: error }, 'could not tell of transitions');
    });
  };
  return ({ submission: { _id, attempt, status, seq } }) => {
    const id = String(_id);
    if (hints.length === 0) setImmediate(send);
    hints.push({ submission_id: id, attempt, status, seq });
    if (isFinal(status)) outlived.push(runnerRecordKey(id));
  };
}
