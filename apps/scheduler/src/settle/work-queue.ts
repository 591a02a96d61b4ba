export interface WorkQueueOptions {
  /** Does the work of a key; the milliseconds after which to look at it again, or undefined. */
  handle: (key: string) => Promise<number | undefined>;
  concurrency: number;
  /** Milliseconds in which what is added gathers, so that a key added often meanwhile is one look; none when left out. */
  gatherMs?: number;
  /** The key is tried again by itself. */
  onError: (key: string, error: unknown) => void;
}

const firstRetryMs = 250;
const maxRetryMs = 15_000;

/**
 * Keys that need looking at. A key waits once however often it is added, is worked on by one at a time, and
 * one whose work failed comes back later and later: what is added is a hint, what is done depends on the
 * state found then.
 */
export class WorkQueue {
  private readonly waiting = new Set<string>();
  private readonly active = new Map<string, Promise<void>>();
  private readonly timers = new Map<string, { timer: NodeJS.Timeout; at: number }>();
  private readonly failures = new Map<string, number>();
  private gathering: NodeJS.Timeout | undefined;
  private stopped = false;

  private readonly options: WorkQueueOptions;

  constructor(options: WorkQueueOptions) {
    this.options = options;
  }

  /** Keys waiting or being worked on. */
  get size(): number {
    return this.waiting.size + this.active.size;
  }

  add(key: string): void {
    if (this.stopped) return;
    this.waiting.add(key);
    const { gatherMs } = this.options;
    if (gatherMs === undefined) this.dispatch();
    else this.gathering ??= setTimeout(() => this.dispatch(), gatherMs);
  }

  /** Adds the key in `ms` milliseconds, or earlier if that was asked for before. */
  addAfter(key: string, ms: number): void {
    if (this.stopped) return;
    const at = performance.now() + ms;
    const known = this.timers.get(key);
    if (known !== undefined && known.at <= at) return;
    clearTimeout(known?.timer);
    const timer = setTimeout(() => {
      this.timers.delete(key);
      this.add(key);
    }, ms);
    this.timers.set(key, { timer, at });
  }

  /** Forgets what waits and lets what is under way finish. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.waiting.clear();
    clearTimeout(this.gathering);
    for (const { timer } of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
    await Promise.all(this.active.values());
  }

  private dispatch(): void {
    clearTimeout(this.gathering);
    this.gathering = undefined;
    for (const key of this.waiting) {
      if (this.active.size >= this.options.concurrency) return;
      if (this.active.has(key)) continue;
      this.waiting.delete(key);
      this.active.set(key, this.work(key));
    }
  }

  private async work(key: string): Promise<void> {
    try {
      const againMs = await this.options.handle(key);
      this.failures.delete(key);
      if (againMs !== undefined) this.addAfter(key, againMs);
    } catch (error) {
      const failures = (this.failures.get(key) ?? 0) + 1;
      this.failures.set(key, failures);
      this.options.onError(key, error);
      this.addAfter(key, Math.min(maxRetryMs, firstRetryMs * 2 ** (failures - 1)));
    } finally {
      this.active.delete(key);
      this.dispatch();
    }
  }
}
