/** Runs so many at a time, the others in the order they came. */
export class Semaphore {
  private readonly waiting: (() => void)[] = [];
  private inside = 0;

  private readonly width: number;

  constructor(width: number) {
    this.width = width;
  }

  /** Does the work when it is its turn. Throws what the work throws. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.inside >= this.width) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.waiting.push(resolve);
      await promise;
    } else {
      this.inside += 1;
    }
    try {
      return await work();
    } finally {
      // The place goes from hand to hand: nobody who comes just now may slip in.
      const next = this.waiting.shift();
      if (next === undefined) this.inside -= 1;
      else next();
    }
  }
}
