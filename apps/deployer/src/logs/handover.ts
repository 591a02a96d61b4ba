import { addAbortListener } from 'node:events';

/**
 * From several who make things to one who takes them: one thing at a time, so that whoever makes them waits for the
 * one who takes them.
 */
export class Handover<T> implements AsyncIterable<T> {
  readonly #waiting: { make: () => T; taken: () => void }[] = [];
  #wake = Promise.withResolvers<void>();
  #isOver = false;
  #failure: { error: unknown } | undefined;

  /**
   * Resolves when the thing was taken.
   *
   * @param make called when it is its turn
   * @throws the signal's reason when it is aborted before
   */
  async put(make: () => T, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    using _listener = addAbortListener(signal, () => reject(signal.reason));
    this.#waiting.push({ make, taken: resolve });
    this.#wake.resolve();
    await promise;
  }

  /** Nothing more comes after what was put. */
  end(): void {
    this.#isOver = true;
    this.#wake.resolve();
  }

  /** Whoever takes is told of this after all that was put. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.end();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next !== undefined) {
        yield next.make();
        next.taken();
      } else if (this.#isOver) {
        if (this.#failure !== undefined) throw this.#failure.error;
        return;
      } else {
        await this.#wake.promise;
        this.#wake = Promise.withResolvers();
      }
    }
  }
}
