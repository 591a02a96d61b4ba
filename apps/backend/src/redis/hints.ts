import { type SubmissionHint, isFinal, runnerRecordKey, submissionChannel } from '@cloudemy/contracts';
import type { Logger } from '@cloudemy/service';
import type { ChainableCommander, Redis } from 'ioredis';
import type { TransitionListener } from '../submissions/mover.js';

/**
 * Tells the other replicas that a submission has moved on, and drops the runner's record of one that has
 * ended. Best effort: streams poll MongoDB as well, and records expire.
 */
export function redisHints(redis: Redis, log: Logger): TransitionListener {
  let gathering: ChainableCommander | undefined;
  /** Many submissions move in one write: what is told of them goes out together. */
  const gather = (): ChainableCommander => {
    const pipeline = redis.pipeline();
    setImmediate(() => {
      gathering = undefined;
      send(pipeline, log);
    });
    return pipeline;
  };
  return ({ submission: { _id, attempt, status, seq } }) => {
    const id = String(_id);
    const hint: SubmissionHint = { submission_id: id, attempt, status, seq };
    gathering ??= gather();
    gathering.publish(submissionChannel, JSON.stringify(hint));
    if (isFinal(status)) gathering.del(runnerRecordKey(id));
  };
}

function send(pipeline: ChainableCommander, log: Logger): void {
  const failed = (error: unknown): void => log.debug({ err: error }, 'could not tell of transitions');
  pipeline.exec().then((replies) => {
    const error = replies?.find(([one]) => one !== null)?.[0];
    if (error !== undefined) failed(error);
  }, failed);
}
