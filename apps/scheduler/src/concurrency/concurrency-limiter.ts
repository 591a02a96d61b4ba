import type { Job } from '@cloudemy/k8s';
import { isFinished } from '../jobs/runner-jobs.js';

/** A place for a Job that is about to be created. */
export interface Slot {
  /** The Job is in the cluster: the place is held until the watch shows it. */
  confirm(): void;
  /** There will be no Job. */
  release(): void;
}

interface Waiter {
  name: string;
  admit: (reservation: Slot) => void;
}

/**
 * Milliseconds after which a created Job that the watch never showed stops counting: it has been created and
 * removed between two looks.
 */
const unseenMs = 60_000;

/**
 * Keeps Jobs in flight below a limit. What is in flight is what the watch shows unfinished, plus what this
 * replica is creating right now; nothing is counted up and down, so nothing can leak.
 */
export class ConcurrencyLimiter {
  private readonly unfinished = new Set<string>();
  private readonly known = new Set<string>();
  /** Creation is under way; none of them is in `unfinished`. */
  private readonly reserved = new Set<string>();
  /** Created, not shown by the watch yet, with the time until which they count; in order of it. */
  private readonly created = new Map<string, number>();
  private readonly waiters = new Set<Waiter>();

  private listener: () => void = () => {};

  private readonly limit: () => number;

  /** @param limit how many Jobs may be in flight now; may change at any time */
  constructor(limit: () => number) {
    this.limit = limit;
  }

  /** Jobs that take room now. */
  get inFlight(): number {
    return this.unfinished.size + this.reserved.size + this.created.size;
  }

  /** Those that wait for room. */
  get waiting(): number {
    return this.waiters.size;
  }

  /** How many Jobs this replica may have in the making at a time: those that are, and those that still fit. */
  get makeable(): number {
    return this.reserved.size + Math.max(0, this.limit() - this.inFlight);
  }

  /** Calls back when how many more Jobs fit may have changed. */
  onChange(listener: () => void): void {
    this.listener = listener;
    listener();
  }

  /** The watch shows this Job as it is now. */
  observe(job: Job): void {
    this.note(job);
    this.admit();
  }

  /** The watch shows that there is no such Job any more. */
  forget(job: Job): void {
    const name = job.metadata.name ?? '';
    this.known.delete(name);
    this.unfinished.delete(name);
    this.created.delete(name);
    this.admit();
  }

  /** A full list, which mends whatever single events got wrong. */
  replace(jobs: Iterable<Job>): void {
    this.known.clear();
    this.unfinished.clear();
    for (const job of jobs) this.note(job);
    this.admit();
  }

  /**
   * Waits, in order of asking, until one more Job fits.
   *
   * @throws the signal's reason when aborted while waiting
   */
  async reserve(name: string, signal: AbortSignal): Promise<Slot> {
    signal.throwIfAborted();
    if (this.waiters.size === 0 && this.inFlight < this.limit()) return this.enter(name);
    const { promise, resolve, reject } = Promise.withResolvers<Slot>();
    const waiter: Waiter = { name, admit: resolve };
    const onAbort = (): void => {
      this.waiters.delete(waiter);
      reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    this.waiters.add(waiter);
    this.admit();
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Lets in whom there is room for; also to be called from time to time, as limits and reservations change. */
  admit(): void {
    this.expire();
    for (const waiter of this.waiters) {
      if (this.inFlight >= this.limit()) break;
      this.waiters.delete(waiter);
      waiter.admit(this.enter(waiter.name));
    }
    this.listener();
  }

  private note(job: Job): void {
    const name = job.metadata.name ?? '';
    this.known.add(name);
    // From here on the watch alone counts.
    this.reserved.delete(name);
    this.created.delete(name);
    if (isFinished(job)) this.unfinished.delete(name);
    else this.unfinished.add(name);
  }

  private expire(): void {
    const now = performance.now();
    for (const [name, until] of this.created) {
      if (until > now) return;
      this.created.delete(name);
    }
  }

  private enter(name: string): Slot {
    if (!this.unfinished.has(name)) this.reserved.add(name);
    return {
      confirm: () => {
        this.reserved.delete(name);
        if (!this.known.has(name)) this.created.set(name, performance.now() + unseenMs);
        this.listener();
      },
      release: () => {
        this.reserved.delete(name);
        this.admit();
      },
    };
  }
}
