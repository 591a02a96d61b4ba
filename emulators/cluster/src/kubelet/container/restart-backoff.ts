import type { Timing } from '../../controllers/timing.js';

type BackoffTiming = Pick<Timing, 'restartBackoff' | 'restartBackoffMax' | 'restartBackoffReset'>;

/** Pauses before restarts: none before the first, then doubling, again after a long run. */
export class RestartBackoff {
  readonly #timing: BackoffTiming;
  #pause = 0;

  constructor(timing: BackoffTiming) {
    this.#timing = timing;
  }

  /** Milliseconds to wait after a run that took `ran` milliseconds. */
  next(ran: number): number {
    if (ran >= this.#timing.restartBackoffReset) {
      this.#pause = 0;
    }
    const wait = this.#pause;
    this.#pause =
      wait === 0 ? this.#timing.restartBackoff : Math.min(wait * 2, this.#timing.restartBackoffMax);
    return wait;
  }
}
