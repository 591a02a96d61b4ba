import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from '@cloudemy/async';

export interface CircuitBreakerOptions {
  /** What lies behind it; for the sentence of the error. */
  name: string;
  /** Whether an error is about what lies behind as a whole, rather than about one piece of work. */
  isOutage: (error: unknown) => boolean;
  /** Tries whether it is back, without any piece of work. */
  probe: (signal: AbortSignal) => Promise<unknown>;
  /** Milliseconds for which whoever refused asked to be left alone. */
  retryAfterMs?: (error: unknown) => number | undefined;
  /** Called once per outage. */
  onOpen?: (error: unknown) => void;
  onClose?: () => void;
  /** Milliseconds until the first probe after a failure; doubled with each failure that follows. */
  firstRetryMs?: number;
  maxRetryMs?: number;
}

/** No work is taken while the circuit is open; `cause` is what opened it. */
export class CircuitOpenError extends Error {
  override readonly name = 'CircuitOpenError';
}

/**
 * `open`: all work is refused, and probes are made. `half_open`: a probe succeeded, so one piece of work may show that
 * work does too. `closed`: all is well.
 */
type State = 'closed' | 'open' | 'half_open';

/** The longest that a refusal's own wish is heeded, in milliseconds. */
const longestWishMs = 30_000;

/**
 * Stands before something that can go away. While it is away, work is refused at once instead of being held: whoever
 * has it can give it back to others, who may still reach what this process cannot.
 */
export class CircuitBreaker {
  private state: State = 'closed';
  private failures = 0;
  private trials = 0;
  private lastError: unknown;
  private since = new Date();
  private readonly stopped = new AbortController();
  private readonly listeners: (() => void)[] = [];

  private readonly options: CircuitBreakerOptions;

  constructor(options: CircuitBreakerOptions) {
    this.options = options;
  }

  /** Pieces of work that may begin now. */
  get permits(): number {
    if (this.state === 'closed') return Number.POSITIVE_INFINITY;
    return this.state === 'open' || this.trials > 0 ? 0 : 1;
  }

  /** What keeps work from beginning, and since when; undefined while it may. */
  get outage(): { error: unknown; since: Date } | undefined {
    return this.state === 'open' ? { error: this.lastError, since: this.since } : undefined;
  }

  /** @throws CircuitOpenError when no work may begin */
  check(): void {
    if (this.permits === 0) throw this.refusal();
  }

  /** It was seen out of order otherwise than by work. */
  trip(error: unknown): void {
    this.open(error, true);
  }

  /** It was seen at work otherwise than by work of ours. */
  succeed(): void {
    this.close();
  }

  /** Calls back when `permits` may have changed. */
  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  /**
   * Does the work.
   *
   * @throws CircuitOpenError when the circuit is open, or opened by this work; what the work threw if that is no outage
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    this.check();
    const isTrial = this.state === 'half_open';
    if (isTrial) this.trials += 1;
    try {
      const answer = await work();
      this.close();
      return answer;
    } catch (error) {
      if (!this.options.isOutage(error)) {
        // It answers, and about this one piece of work.
        this.close();
        throw error;
      }
      this.open(error, isTrial);
      throw this.refusal();
    } finally {
      if (isTrial) this.trials -= 1;
    }
  }

  /** Makes no more probes. */
  stop(): void {
    this.stopped.abort();
  }

  private refusal(): CircuitOpenError {
    const { lastError: cause } = this;
    const why = cause instanceof Error ? cause.message : String(cause);
    return new CircuitOpenError(`${this.options.name} cannot be used: ${why}`, { cause });
  }

  private open(error: unknown, isTrial: boolean): void {
    if (this.state === 'open' || (this.state === 'half_open' && !isTrial)) return;
    const isFirst = this.state === 'closed';
    if (isFirst) this.since = new Date();
    this.lastError = error;
    this.failures += 1;
    this.state = 'open';
    if (isFirst) this.options.onOpen?.(error);
    this.changed();
    void this.probeUntilBack();
  }

  private async probeUntilBack(): Promise<void> {
    const { signal } = this.stopped;
    while (this.state === 'open') {
      await sleep(this.pauseMs(), undefined, { signal, ref: false }).catch(() => {});
      if (signal.aborted) return;
      try {
        await this.options.probe(signal);
        this.state = 'half_open';
        this.changed();
      } catch (error) {
        this.lastError = error;
        this.failures += 1;
      }
    }
  }

  /** Apart at random, so that replicas do not come back in step. */
  private pauseMs(): number {
    const { firstRetryMs = 250, maxRetryMs = 5_000, retryAfterMs } = this.options;
    const backoff = backoffMs(this.failures, { firstMs: firstRetryMs, maxMs: maxRetryMs });
    const wish = Math.min(longestWishMs, retryAfterMs?.(this.lastError) ?? 0);
    return Math.max(wish, backoff);
  }

  private close(): void {
    // While it is open: work that began before the outage says nothing of now.
    if (this.state !== 'half_open') return;
    this.state = 'closed';
    this.failures = 0;
    this.options.onClose?.();
    this.changed();
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }
}
