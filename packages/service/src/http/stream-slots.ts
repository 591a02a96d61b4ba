import type { ServerResponse } from 'node:http';
import { ProblemError } from './problem-error.js';
import { whenOver } from './reader.js';

export interface StreamLimits {
  /** Streams that one user may have open at a time. */
  perUser: number;
  /** Streams that one address may have open at a time. */
  perAddress: number;
}

/** Counts the streams that are open at this process, and refuses those beyond what one user or address may have. */
export class StreamSlots {
  private readonly limits: StreamLimits;
  private readonly taken = new Map<string, number>();
  private open = 0;

  constructor(limits: StreamLimits) {
    this.limits = limits;
  }

  /** How many streams are open. */
  get size(): number {
    return this.open;
  }

  /**
   * Takes a place, which is free again when the answer is over.
   *
   * @throws ProblemError `rate_limited`
   */
  take(res: ServerResponse, user: string, address: string): void {
    const byUser = `user ${user}`;
    const byAddress = `address ${address}`;
    const { perUser, perAddress } = this.limits;
    if ((this.taken.get(byUser) ?? 0) >= perUser) {
      throw full(`You have ${perUser} live streams open, as many as you may. Close one.`);
    }
    if ((this.taken.get(byAddress) ?? 0) >= perAddress) {
      throw full(`${perAddress} live streams are open from your address, as many as it may have. Close one.`);
    }
    for (const key of [byUser, byAddress]) this.taken.set(key, (this.taken.get(key) ?? 0) + 1);
    this.open += 1;
    whenOver(res, () => {
      this.open -= 1;
      this.release(byUser);
      this.release(byAddress);
    });
  }

  private release(key: string): void {
    const left = (this.taken.get(key) ?? 1) - 1;
    if (left === 0) this.taken.delete(key);
    else this.taken.set(key, left);
  }
}

const full = (detail: string): ProblemError => new ProblemError('rate_limited', { detail, retryAfter: 10 });
