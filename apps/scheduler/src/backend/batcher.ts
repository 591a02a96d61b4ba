export interface BatcherOptions<Item, Answer> {
  /** Sends a batch and gives the answers in the same order. */
  send: (items: Item[]) => Promise<Answer[]>;
  maxSize: number;
  /** Batches under way at the same time. */
  maxCalls: number;
  /** Milliseconds to wait for company before a batch leaves; none when left out. */
  gatherMs?: number;
  /** Keeps batches apart while there is much to send; they follow as fast as they are answered when left out. */
  apart?: {
    /** Milliseconds between the departures of two batches, unless the later one is worth it before. */
    ms: number;
    /** So many items are worth a batch at once. */
    enough: number;
  };
}

interface Entry<Item, Answer> {
  item: Item;
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
}

/**
 * Turns single calls into few batches. Unless told to gather, nobody waits for company: the first goes out at
 * once, and what comes while it is under way goes together in the next. A batch costs about the same whatever
 * its size, so quick answers alone would make many small ones: keeping them apart makes them fewer, and lets who
 * comes alone go at once all the same.
 */
export class Batcher<Item, Answer> {
  private readonly waiting: Entry<Item, Answer>[] = [];
  private calls = 0;
  private isDue = false;
  private timer: NodeJS.Timeout | undefined;
  /** When the last batch left, in milliseconds of `performance.now()`. */
  private leftAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: BatcherOptions<Item, Answer>) {}

  /** Rejects with whatever made the batch of this item fail. */
  add(item: Item): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      this.schedule();
    });
  }

  private schedule(): void {
    if (!this.canLeave) return;
    const ms = this.pauseMs();
    if (ms > 0) {
      this.timer ??= setTimeout(() => this.leave(), ms);
    } else if (!this.isDue) {
      this.isDue = true;
      // At least after this turn of the event loop, so that what arrived together leaves together.
      setImmediate(() => this.leave());
    }
  }

  private get canLeave(): boolean {
    return this.waiting.length > 0 && this.calls < this.options.maxCalls;
  }

  private pauseMs(): number {
    const { gatherMs = 0, apart } = this.options;
    if (apart === undefined || this.waiting.length >= apart.enough) return gatherMs;
    return Math.max(gatherMs, this.leftAt + apart.ms - performance.now());
  }

  private leave(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.isDue = false;
    if (this.canLeave) void this.flush();
  }

  private async flush(): Promise<void> {
    const batch = this.waiting.splice(0, this.options.maxSize);
    this.leftAt = performance.now();
    this.calls += 1;
    this.schedule();
    try {
      const answers = await this.options.send(batch.map(({ item }) => item));
      for (const [index, entry] of batch.entries()) {
        const answer = answers[index];
        if (answer === undefined)
          entry.reject(new Error(`the answer has ${answers.length} items of ${batch.length}`));
        else entry.resolve(answer);
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      this.calls -= 1;
      this.schedule();
    }
  }
}
