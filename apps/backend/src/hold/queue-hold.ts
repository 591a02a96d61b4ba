import { joined } from '@cloudemy/async';
import {
  type AttemptRef,
  type FailureCode,
  type QueueHold as HoldAnswer,
  FailureCode as Code,
  failure as failureOf,
  meetsEverybody,
} from '@cloudemy/contracts';
import type { Logger } from '@cloudemy/service';
import type { Redis } from 'ioredis';
import { atOnce } from '../redis/at-once.js';
import type { StoredWaiting } from '../submissions/model.js';
import type { TransitionListener } from '../submissions/transition.js';
import { admitScript, endedScript, failedScript, holdKey } from './scripts.js';

/** Milliseconds until the first attempt is let through after a failure; doubled with each that fails likewise. */
const firstRetryMs = 5_000;
const maxRetryMs = 60_000;

/** Milliseconds after which another is let through though nothing was heard of the one before. */
const probeLeaseMs = 180_000;

/** Milliseconds after which a scheduler should ask again at the latest. */
const askAgainMs = 5_000;

/** Without any failure for so long, a hold is forgotten. */
const ttlMs = 86_400_000;

/** A spent budget is one assignment's or one day's: it keeps its own submissions waiting, not everybody's. */
const holds = (code: FailureCode): boolean => meetsEverybody(code) && code !== 'llm_budget_spent';

const refOf = ({ submission_id, attempt }: AttemptRef): string => `${submission_id}-${attempt}`;

/** What claims are answered. */
export interface Admitted {
  hold: HoldAnswer | null;
  /** The one attempt that is let through all the same. */
  probe: AttemptRef | undefined;
}

/**
 * Holds the queue after a failure that would meet every submission: a refused key, a spent quota, an unknown model, a
 * missing image. One attempt at a time is let through, over all schedulers, until one is graded. Kept in Redis, as the
 * queue is; losing it costs one more attempt, which is given back.
 */
export class QueueHold {
  private readonly redis: Redis;
  private readonly log: Logger;
  private readonly current = joined(() => atOnce(this.redis.hmget(holdKey, 'code', 'since')));

  constructor(redis: Redis, log: Logger) {
    this.redis = redis;
    this.log = log;
  }

  readonly onTransition: TransitionListener = ({ submission, failure }) => {
    const { _id, status, attempt } = submission;
    // A failure that is tried again shows the attempt that follows.
    const ended = failure !== null && status === 'queued' ? attempt - 1 : attempt;
    const ref = refOf({ submission_id: String(_id), attempt: ended });
    if (failure !== null && holds(failure.code)) this.send(this.failed(ref, failure.code));
    else if (status === 'graded') this.send(this.redis.del(holdKey));
    else if (failure !== null || status === 'cancelled')
      this.send(this.redis.eval(endedScript, 1, holdKey, ref));
  };

  /** Whether attempts may be claimed now. While Redis does not answer they may: it brought the messages. */
  async admit(refs: readonly AttemptRef[]): Promise<Admitted> {
    const free = { hold: null, probe: undefined };
    if (refs.length === 0 || this.redis.status !== 'ready') return free;
    const names = refs.map(refOf);
    const answer = await atOnce(this.redis.eval(admitScript, 1, holdKey, probeLeaseMs, ...names));
    const [code, leftMs, probe] = Array.isArray(answer) ? answer.map(String) : [];
    const known = Code.safeParse(code);
    if (!known.success) return free;
    const retry_after_ms = Math.min(askAgainMs, Math.max(250, Number(leftMs)));
    const hold = { code: known.data, message: failureOf(known.data).message, retry_after_ms };
    return { hold, probe: refs[names.indexOf(probe ?? '')] };
  }

  /** Why queued submissions wait; null when the queue is not held. Never throws. */
  async whyWaiting(since: Date): Promise<StoredWaiting | null> {
    if (this.redis.status !== 'ready') return null;
    const [code, from] = (await this.current()) ?? [];
    const known = Code.safeParse(code);
    if (!known.success) return null;
    const message =
      `${failureOf(known.data).message} This meets every submission, so they wait: one at a time is tried, and this one ` +
      'follows by itself as soon as that works.';
    return { code: known.data, message, since: new Date(Math.max(since.getTime(), Number(from ?? 0))) };
  }

  private async failed(ref: string, code: FailureCode): Promise<void> {
    const settings = [ref, code, firstRetryMs, maxRetryMs, ttlMs];
    const isNew = (await this.redis.eval(failedScript, 1, holdKey, ...settings)) === 1;
    if (isNew) this.log.error({ code }, 'a failure would meet every submission: the queue is held');
  }

  private send(command: Promise<unknown>): void {
    command.catch((error: unknown) => {
      this.log.debug({ err: error }, 'could not note whether the queue is held');
    });
  }
}
