import { Hold, announcedForMs, announcedScript, schedulersKey } from '@cloudemy/contracts';
import { joined } from '@cloudemy/async';
import { RedisUnusable, checkRedis } from '@cloudemy/redis';
import type { Redis } from 'ioredis';
import type { RateLimitCounter } from '../llm/rate-limit-counter.js';
import { atOnce } from '../redis/at-once.js';
import type { StoredSubmission, StoredWaiting } from '../submissions/model.js';
import type { QueueHold } from './queue-hold.js';

type Subject = Pick<StoredSubmission, 'status' | 'waiting' | 'status_since'>;

/** Tells a submitter why a queued submission waits, when what keeps it keeps every one. */
export class WhyWaiting {
  private readonly redis: Redis;
  private readonly hold: Pick<QueueHold, 'whyWaiting'>;
  private readonly llm: Pick<RateLimitCounter, 'holdsBack'>;
  /** Why Redis cannot be used; undefined when it can. */
  private readonly refusal = joined(() =>
    atOnce(
      checkRedis(this.redis).then(
        () => undefined,
        (error: unknown) => error,
      ),
    ),
  );
  private readonly announced = joined(() =>
    atOnce(this.redis.eval(announcedScript, 1, schedulersKey, announcedForMs)),
  );

  constructor(redis: Redis, hold: Pick<QueueHold, 'whyWaiting'>, llm: Pick<RateLimitCounter, 'holdsBack'>) {
    this.redis = redis;
    this.hold = hold;
    this.llm = llm;
  }

  /** What is known of this very submission, or of all. Never throws. */
  async of({ status, waiting, status_since: since }: Subject): Promise<StoredWaiting | null> {
    if (status !== 'queued' || (waiting !== null && waiting.code !== 'retry')) return waiting;
    const [queue, hold, schedulers] = await Promise.all([
      this.queue(since),
      this.hold.whyWaiting(since),
      this.schedulers(since),
    ]);
    return queue ?? hold ?? schedulers ?? waiting ?? (await this.llm.holdsBack(since));
  }

  /** The queue does not take it, or does not hand it out. */
  private async queue(since: Date): Promise<StoredWaiting | null> {
    const message =
      'The queue cannot be used at the moment. Nothing is lost: your submission is put on it by itself.';
    const away = { code: 'queue_unavailable', message, since };
    if (this.redis.status !== 'ready') return away;
    return (await this.refusal()) instanceof RedisUnusable ? away : null;
  }

  /** What the schedulers say, if none of those that are there takes anything. */
  private async schedulers(since: Date): Promise<StoredWaiting | null> {
    if (this.redis.status !== 'ready') return null;
    const said = await this.announced();
    if (!Array.isArray(said) || said.length === 0) return null;
    const holds = said.flatMap((text) => holdIn(String(text)) ?? []);
    const [first] = holds.toSorted((a, b) => (a.since < b.since ? -1 : 1));
    if (first === undefined || holds.length < said.length) return null;
    const from = Math.max(since.getTime(), Date.parse(first.since));
    return { code: first.code, message: first.message, since: new Date(from) };
  }
}

function holdIn(text: string): Hold | undefined {
  try {
    return Hold.safeParse(JSON.parse(text)).data;
  } catch {
    // A scheduler that takes messages says nothing.
    return undefined;
  }
}
