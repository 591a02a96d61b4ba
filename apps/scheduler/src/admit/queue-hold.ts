import type { QueueHold } from '@cloudemy/contracts';

/**
 * What the backend says of failures that would meet every submission. While there is one, messages are taken one at a
 * time: the backend decides whether the one is let through.
 */
export class QueueHoldState {
  private hold: QueueHold | null = null;
  private until = 0;
  private timer: NodeJS.Timeout | undefined;
  private readonly listeners: (() => void)[] = [];

  /** Told with every answer to a claim. */
  observe(hold: QueueHold | null): void {
    if (hold === null && this.hold === null) return;
    clearTimeout(this.timer);
    this.hold = hold;
    this.until = performance.now() + (hold?.retry_after_ms ?? 0);
    // A timer can fire a little early.
    if (hold !== null) this.timer = setTimeout(() => this.changed(), hold.retry_after_ms + 2).unref();
    this.changed();
  }

  /** Messages that may be taken now. */
  get permits(): number {
    if (this.hold === null) return Number.POSITIVE_INFINITY;
    return performance.now() < this.until ? 0 : 1;
  }

  /** Calls back when `permits` may have changed. */
  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }
}
