import type { Hold } from '@cloudemy/contracts';
import type { ConcurrencyLimiter } from '../concurrency/concurrency-limiter.js';
import { classify } from '../create/creation-error.js';
import type { Breakers } from './breakers.js';
import type { QueueHoldState } from './queue-hold.js';

export interface AdmissionParts {
  limiter: ConcurrencyLimiter;
  breakers: Breakers;
  queueHold: QueueHoldState;
}

/**
 * How many messages may be in hand: never more than can be made into Jobs. What stays on the queue keeps its order, and
 * another replica can take it.
 */
export class Admission {
  private readonly parts: AdmissionParts;

  constructor(parts: AdmissionParts) {
    this.parts = parts;
  }

  get permits(): number {
    const { limiter, breakers, queueHold } = this.parts;
    const others = [breakers.queue, breakers.backend, breakers.cluster, queueHold];
    return Math.min(limiter.creating + limiter.available, ...others.map(({ permits }) => permits));
  }

  /** Calls back when `permits` may have changed. */
  onChange(listener: () => void): void {
    const { limiter, breakers, queueHold } = this.parts;
    for (const part of [limiter, queueHold, ...Object.values(breakers)]) part.onChange(listener);
  }

  /** What this replica can tell of why it takes nothing; what keeps others from it as well they know themselves. */
  get hold(): Hold | undefined {
    const { outage } = this.parts.breakers.cluster;
    if (outage === undefined) return undefined;
    const classified = classify(outage.error);
    if (classified.kind === 'again') return undefined;
    const { code, message } = classified.failure;
    return { code, message, since: outage.since.toISOString() };
  }
}
