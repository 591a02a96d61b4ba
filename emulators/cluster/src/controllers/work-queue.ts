import { timerDelay } from '../timers.js';

/** A failed key is tried again after this many milliseconds, doubling up to the second figure. */
const RETRY = 100;
const RETRY_MAX = 30_000;

/**
 * Keys waiting to be dealt with, each at most once, one after the other. A burst of events about one object
 * costs one call. Timers do not keep the process alive.
 */
export class WorkQueue {
  readonly #work: (key: string) => void;
  readonly #report: (key: string, error: unknown) => void;
  readonly #ready = new Set<string>();
  readonly #timers = new Map<string, { at: number; timer: NodeJS.Timeout }>();
  readonly #failures = new Map<string, number>();
  #scheduled: NodeJS.Immediate | undefined;
  #closed = false;

  /** `work` is called with each key; when it throws, `report` is told and the key is tried again. */
  constructor(work: (key: string) => void, report: (key: string, error: unknown) => void = () => {}) {
    this.#work = work;
    this.#report = report;
  }

  /**
   * Deals with the key on the turn of the event loop after the next: whoever watches is told of a change before
   * anything is made of it, as where controllers are programs of their own.
   */
  add(key: string): void {
    if (this.#closed) {
      return;
    }
    this.#ready.add(key);
    this.#scheduled ??= setImmediate(() => {
      this.#scheduled = setImmediate(() => this.#drain());
    });
  }

  /** Deals with the key after `ms`, or earlier if an earlier time was asked for. */
  addAfter(key: string, ms: number): void {
    if (this.#closed) {
      return;
    }
    const delay = timerDelay(ms);
    const at = Date.now() + delay;
    const waiting = this.#timers.get(key);
    if (waiting !== undefined && waiting.at <= at) {
      return;
    }
    clearTimeout(waiting?.timer);
    const timer = setTimeout(() => {
      this.#timers.delete(key);
      this.add(key);
    }, delay);
    timer.unref();
    this.#timers.set(key, { at, timer });
  }

  close(): void {
    this.#closed = true;
    clearImmediate(this.#scheduled);
    this.#ready.clear();
    for (const { timer } of this.#timers.values()) {
      clearTimeout(timer);
    }
    this.#timers.clear();
  }

  #drain(): void {
    this.#scheduled = undefined;
    const keys = [...this.#ready];
    this.#ready.clear();
    for (const key of keys) {
      try {
        this.#work(key);
        this.#failures.delete(key);
      } catch (error) {
        const failures = this.#failures.get(key) ?? 0;
        this.#failures.set(key, failures + 1);
        this.#report(key, error);
        this.addAfter(key, Math.min(RETRY * 2 ** failures, RETRY_MAX));
      }
    }
  }
}
