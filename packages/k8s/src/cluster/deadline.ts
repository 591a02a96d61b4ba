import { addAbortListener } from 'node:events';

/** Why a request was given up by us: its time ran out. Distinguishes a timeout from a caller's abort. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
  readonly milliseconds: number;

  constructor(milliseconds: number) {
    super(`no answer within ${milliseconds} ms`);
    this.milliseconds = milliseconds;
  }
}

/**
 * A signal that fires when the caller's does or when time runs out, and that leaves nothing behind on a
 * caller's long-lived signal once `release` was called.
 */
export class Deadline {
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #listener: Disposable | undefined;

  constructor(milliseconds: number, signal: AbortSignal | undefined) {
    signal?.throwIfAborted();
    this.#timer = setTimeout(() => this.#controller.abort(new DeadlineError(milliseconds)), milliseconds);
    if (signal !== undefined) {
      this.#listener = addAbortListener(signal, () => this.#controller.abort(signal.reason));
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The answer has begun: from here on only the caller's signal counts. */
  stopClock(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  release(): void {
    this.stopClock();
    this.#listener?.[Symbol.dispose]();
    this.#listener = undefined;
  }
}
