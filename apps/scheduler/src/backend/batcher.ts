export interface BatcherOptions<Item, Answer> {
  /** Sends a batch and gives the answers in the same order. */
  send: (items: Item[]) => Promise<Answer[]>;
  /** Items that a batch holds at most. */
  maxSize: number;
  /** Batches under way at the same time. */
  maxCalls: number;
  /** Milliseconds to wait for company before a batch leaves; none when left out. */
  gatherMs?: number;
}

interface Entry<Item, Answer> {
  item: Item;
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
}

/**
 * Turns single calls into few batches. Unless told to gather, nobody waits for company: the first goes out at
 * once, and what comes while it is under way goes together in the next.
 */
export class Batcher<Item, Answer> {
  private readonly waiting: Entry<Item, Answer>[] = [];
  private calls = 0;
  private isDue = false;

  private readonly options: BatcherOptions<Item, Answer>;

  constructor(options: BatcherOptions<Item, Answer>) {
    this.options = options;
  }

  /** Rejects with whatever made the batch of this item fail. */
  add(item: Item): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      this.schedule();
    });
  }

  private schedule(): void {
    if (this.isDue || this.waiting.length === 0 || this.calls >= this.options.maxCalls) return;
    this.isDue = true;
    const { gatherMs } = this.options;
    // At least after this turn of the event loop, so that what arrived together leaves together.
    if (gatherMs === undefined) setImmediate(() => void this.flush());
    else setTimeout(() => void this.flush(), gatherMs);
  }

  private async flush(): Promise<void> {
    this.isDue = false;
    const batch = this.waiting.splice(0, this.options.maxSize);
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
