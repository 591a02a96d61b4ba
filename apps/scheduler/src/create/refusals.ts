import type { FailureCode } from '@cloudemy/contracts';

/** How often, and for how many milliseconds, admission must refuse one Job while it takes others' dry runs. */
const refusalsNeeded = 5;
const lastingMs = 120_000;

/** Jobs that are remembered at most. */
const most = 1_000;

interface Refused {
  since: number;
  times: number;
}

/**
 * Jobs that admission refuses. A policy's webhook that errs for a while must fail nobody; one Job that is refused again
 * and again though a dry run of another is taken will never be.
 */
export class Refusals {
  private readonly refused = new Map<string, Refused>();
  private readonly now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.now = now;
  }

  /** Notes another refusal; whether it is enough now. */
  isEnough(jobName: string, code: FailureCode): boolean {
    if (code !== 'admission_refused') return false;
    const now = this.now();
    const known = this.refused.get(jobName) ?? { since: now, times: 0 };
    known.times += 1;
    this.refused.set(jobName, known);
    for (const oldest of this.refused.keys()) {
      if (this.refused.size <= most) break;
      this.refused.delete(oldest);
    }
    return known.times >= refusalsNeeded && now - known.since >= lastingMs;
  }

  forget(jobName: string): void {
    this.refused.delete(jobName);
  }
}
