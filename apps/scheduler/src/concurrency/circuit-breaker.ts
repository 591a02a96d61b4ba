export interface CircuitBreakerOptions {
  /** Whether an error is about what lies behind the gate as a whole, rather than about one piece of work. */
  isOutage: (error: unknown) => boolean;
  /** Milliseconds for which whoever refused asked to be left alone. */
  retryAfterMs?: (error: unknown) => number | undefined;
  /** It is out of reach; called once per outage. */
  onDown?: (error: unknown) => void;
  onUp?: () => void;
  /** Milliseconds until the first try after a failure; doubled with each that follows. */
  firstRetryMs?: number;
  maxRetryMs?: number;
}

interface Waiter {
  /** @param isProbe whether the waiter is to try while the others wait on */
  admit: (isProbe: boolean) => void;
}

/** The longest that a refusal's own wish is heeded, in milliseconds. */
const longestWishMs = 30_000;

/**
 * Stands before something that can go away. While it is away, one caller at a time tries whether it is back, later
 * and later, and the others wait: however much there is to do, an outage makes no noise.
 */
export class CircuitBreaker {
  private readonly waiters = new Set<Waiter>();
  private failures = 0;
  /** Nobody waited when the next try was due: whoever comes first makes it. */
  private isTryDue = false;
  private timer: NodeJS.Timeout | undefined;

  private readonly options: CircuitBreakerOptions;

  constructor(options: CircuitBreakerOptions) {
    this.options = options;
  }

  get isOpen(): boolean {
    return this.failures === 0;
  }

  /**
   * Does the work; after an outage again, until it succeeds or fails for a reason of its own.
   *
   * @throws the signal's reason when aborted while waiting; what the work threw if that is no outage
   */
  async through<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (;;) {
      signal.throwIfAborted();
      const isProbe = this.isOpen ? false : await this.turn(signal);
      try {
        const answer = await work();
        this.open();
        return answer;
      } catch (error) {
        if (signal.aborted || !this.options.isOutage(error)) {
          if (isProbe) this.admitOne();
          throw error;
        }
        if (isProbe || this.isOpen) this.close(error);
      }
    }
  }

  private async turn(signal: AbortSignal): Promise<boolean> {
    if (this.isTryDue) {
      this.isTryDue = false;
      return true;
    }
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    const waiter: Waiter = { admit: resolve };
    const onAbort = (): void => {
      this.waiters.delete(waiter);
      reject(signal.reason);
    };
    this.waiters.add(waiter);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  private close(error: unknown): void {
    const { firstRetryMs = 250, maxRetryMs = 5_000, retryAfterMs, onDown } = this.options;
    this.failures += 1;
    if (this.failures === 1) onDown?.(error);
    const backoff = Math.min(maxRetryMs, firstRetryMs * 2 ** (this.failures - 1));
    const wish = Math.min(longestWishMs, retryAfterMs?.(error) ?? 0);
    // Apart at random, so that replicas do not come back in step.
    const ms = Math.max(wish, backoff * (0.5 + Math.random() / 2));
    this.timer = setTimeout(() => this.admitOne(), ms);
    this.timer.unref();
  }

  private admitOne(): void {
    const [first] = this.waiters;
    if (first === undefined) {
      this.isTryDue = true;
      return;
    }
    this.waiters.delete(first);
    first.admit(true);
  }

  private open(): void {
    if (this.isOpen) return;
    clearTimeout(this.timer);
    this.failures = 0;
    this.isTryDue = false;
    for (const { admit } of this.waiters) admit(false);
    this.waiters.clear();
    this.options.onUp?.();
  }
}
