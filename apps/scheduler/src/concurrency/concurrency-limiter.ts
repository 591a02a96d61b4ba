import type { Job } from '@cloudemy/k8s';
import { isFinished } from '../jobs/runner-jobs.js';

/** A place for a Job that is about to be created. */
export interface Slot {
  /** The Job is in the cluster: the place is held until the watch shows it. */
  confirm(): void;
  /** There will be no Job. */
  release(): void;
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
  /** Creation is under way; none of them is in `unfinished`. */
  private readonly reserved = new Set<string>();
  /** Created, not shown by the watch yet, with the time until which they count; in order of it. */
  private readonly created = new Map<string, number>();
  /** Shown as finished while their creation was under way. */
  private readonly finishedEarly = new Set<string>();
  private readonly listeners: (() => void)[] = [];

  private readonly limit: () => number;

  /** @param limit how many Jobs may be in flight now; may change at any time */
  constructor(limit: () => number) {
    this.limit = limit;
  }

  /** Jobs that take a slot now. */
  get inFlight(): number {
    return this.unfinished.size + this.reserved.size + this.created.size;
  }

  /** How many more fit. */
  get available(): number {
    return Math.max(0, this.limit() - this.inFlight);
  }

  /** How many this replica is creating. */
  get creating(): number {
    return this.reserved.size;
  }

  /** Calls back when how many more Jobs fit may have changed. */
  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** The watch shows this Job as it is now. */
  observe(job: Job): void {
    this.note(job);
    this.changed();
  }

  /** The watch shows that there is no such Job any more. */
  forget(job: Job): void {
    const name = job.metadata.name ?? '';
    this.unfinished.delete(name);
    this.created.delete(name);
    this.changed();
  }

  /** A full list, which mends whatever single events got wrong. */
  replace(jobs: Iterable<Job>): void {
    this.unfinished.clear();
    for (const job of jobs) this.note(job);
    this.changed();
  }

  /** A place for one more Job; undefined when none fits. */
  acquire(name: string): Slot | undefined {
    this.expire();
    // A Job that is there already takes no other place.
    if (this.unfinished.has(name)) return { confirm: () => {}, release: () => {} };
    if (this.available === 0) return undefined;
    this.reserved.add(name);
    return {
      confirm: () => {
        const isWaited = this.reserved.delete(name) && !this.finishedEarly.delete(name);
        if (isWaited) this.created.set(name, performance.now() + unseenMs);
        this.changed();
      },
      release: () => {
        this.reserved.delete(name);
        this.finishedEarly.delete(name);
        this.changed();
      },
    };
  }

  /** To be called from time to time: limits change, and places that were never used run out. */
  refresh(): void {
    this.expire();
    this.changed();
  }

  private note(job: Job): void {
    const name = job.metadata.name ?? '';
    this.created.delete(name);
    if (isFinished(job)) {
      this.unfinished.delete(name);
      if (this.reserved.has(name)) this.finishedEarly.add(name);
      return;
    }
    // From here on the watch alone counts.
    this.reserved.delete(name);
    this.unfinished.add(name);
  }

  private expire(): void {
    const now = performance.now();
    for (const [name, until] of this.created) {
      if (until > now) return;
      this.created.delete(name);
    }
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }
}
