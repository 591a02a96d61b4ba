/** Lets so many through at a time, the others in the order they came. */
export class Turnstile {
  private readonly waiting: (() => void)[] = [];
  private inside = 0;

  private readonly width: number;

  constructor(width: number) {
    this.width = width;
  }

  /** Whether nobody is inside. */
  get isEmpty(): boolean {
    return this.inside === 0;
  }

  /** Whether one more would be let through at once. */
  get hasRoom(): boolean {
    return this.inside < this.width;
  }

  /** How many stand in line. */
  get waitingNow(): number {
    return this.waiting.length;
  }

  /** Does the work when it is its turn. Throws what the work throws. */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (!this.hasRoom) {
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
