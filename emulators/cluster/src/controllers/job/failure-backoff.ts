import type { Timing } from '../timing.js';
import type { PodCounts } from './pod-counts.js';
import { finishTime } from './pod-counts.js';

interface Record {
  failures: number;
  last: number;
}

/** How long each Job must wait before it may replace a failed pod: doubled with each failure in a row. */
export class FailureBackoff {
  readonly #timing: Pick<Timing, 'jobBackoff' | 'jobBackoffMax'>;
  readonly #records = new Map<string, Record>();

  constructor(timing: Pick<Timing, 'jobBackoff' | 'jobBackoffMax'>) {
    this.#timing = timing;
  }

  /** Takes note of pods that are about to be counted: those that have ended by `now`. */
  note(uid: string, counts: PodCounts, now: number): void {
    const ended = [
      ...counts.succeeded.map((pod) => ({ at: finishTime(pod), ok: true })),
      ...counts.failed.map((pod) => ({ at: finishTime(pod), ok: false })),
    ].sort((left, right) => left.at - right.at);
    for (const { ok } of ended) {
      const failures = this.#records.get(uid)?.failures ?? 0;
      if (ok) {
        this.#records.delete(uid);
      } else {
        this.#records.set(uid, { failures: failures + 1, last: now });
      }
    }
  }

  /** Milliseconds from `now` until a new pod may be created; 0 or less when it may be at once. */
  remaining(uid: string, now: number): number {
    const record = this.#records.get(uid);
    if (record === undefined) {
      return 0;
    }
    const pause = this.#timing.jobBackoff * 2 ** (record.failures - 1);
    return record.last + Math.min(pause, this.#timing.jobBackoffMax) - now;
  }

  forget(uid: string): void {
    this.#records.delete(uid);
  }
}
