import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds' worth of turns that may be taken in one go after a pause. */
const burstMs = 250;

/** Gives out turns at a limited rate, in the order asked for. */
export class Pacer {
  /** When the next turn is due if nobody had ever been ahead of time. */
  private next = 0;

  private readonly perSecond: number;

  constructor(perSecond: number) {
    this.perSecond = perSecond;
  }

  /**
   * Resolves when it is the caller's turn.
   *
   * @throws the signal's reason when aborted while waiting
   */
  async turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const now = performance.now();
    const due = Math.max(this.next, now - burstMs);
    this.next = due + 1000 / this.perSecond;
    if (due > now) await sleep(due - now, undefined, { signal });
  }
}
