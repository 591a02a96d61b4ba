export interface AimdLimitOptions {
  /** The limit while nothing is wrong. */
  max: number;
  /** Jobs in flight now: what a cut starts from. */
  inFlight: () => number;
  /** Milliseconds. */
  now?: () => number;
}

/** Milliseconds after a cut in which its effect is awaited before another, and before recovery begins. */
const settleMs = 10_000;
/** Milliseconds between two steps of recovery. */
const stepMs = 5_000;
/** Steps from nothing to the full limit. */
const steps = 20;

/**
 * How many Jobs may be in flight, by how the model bears them: halved when rate limits end more attempts than
 * before, recovering in equal steps (additive increase, multiplicative decrease, as in TCP: RFC 5681). So work
 * waits instead of failing, and no one has to tell us the model's limit.
 */
export class AimdLimit {
  private cut: { to: number; at: number } | undefined;
  private seen = 0;

  private readonly options: AimdLimitOptions;

  constructor(options: AimdLimitOptions) {
    this.options = options;
  }

  get current(): number {
    const { max } = this.options;
    if (this.cut === undefined) return max;
    const calm = this.now - this.cut.at - settleMs;
    const risen = Math.max(0, Math.ceil(calm / stepMs)) * Math.max(1, Math.ceil(max / steps));
    return Math.min(max, this.cut.to + risen);
  }

  /** @param rateLimited attempts that the model's rate limit ended of late, everywhere */
  observe(rateLimited: number): void {
    const { now } = this;
    if (this.cut !== undefined && now - this.cut.at < settleMs) {
      // What is reported now was in flight before the cut.
      this.seen = Math.max(this.seen, rateLimited);
      return;
    }
    if (rateLimited > this.seen) {
      const used = Math.min(this.current, this.options.inFlight());
      this.cut = { to: Math.max(1, Math.floor(used / 2)), at: now };
    }
    this.seen = rateLimited;
  }

  private get now(): number {
    return (this.options.now ?? (() => performance.now()))();
  }
}
