export interface BatcherOptions<Item, Answer> {
  /** Sends a batch and gives the answers in the same order. */
  send: (items: Item[]) => Promise<Answer[]>;
  /** Items that a batch holds at most. */
  maxSize: number;
  /** Batches under way at the same time. */
  maxCalls: number;
  /** Milliseconds to wait for company before a batch leaves; none when left out. */
  gatherMs?: number;
  /** What a batch should be like now, within `maxSize`; as large as comes when left out. */
  sizes?: () => BatchSizes;
}

export interface BatchSizes {
  /** Fewer wait for company. */
  least: number;
  most: number;
  /** Milliseconds after which they leave all the same, at the next look; never when left out. */
  forMs?: number;
}

/** Milliseconds between two looks whether fewer would do by now. */
const lookMs = 4;

interface Entry<Item, Answer> {
  item: Item;
  /** When it came, in milliseconds of `performance.now()`. */
  since: number;
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
}

/**
 * Turns single calls into few batches. Unless told to gather, nobody waits for company: the first goes out at
 * once, and what comes while it is under way goes together in the next. A batch costs about the same whatever
 * its size, so quick answers alone would make many small ones: where the sizes ask for more, they wait for it.
 */
export class Batcher<Item, Answer> {
  private readonly waiting: Entry<Item, Answer>[] = [];
  private calls = 0;
  private isDue = false;
  private timer: NodeJS.Timeout | undefined;

  private readonly options: BatcherOptions<Item, Answer>;

  constructor(options: BatcherOptions<Item, Answer>) {
    this.options = options;
  }

  /** Rejects with whatever made the batch of this item fail. */
  add(item: Item): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, since: performance.now(), resolve, reject });
      this.schedule();
    });
  }

  private schedule(): void {
    if (!this.canLeave) return;
    if (!this.isEnough) {
      this.timer ??= setTimeout(() => this.look(), lookMs);
    } else if (this.options.gatherMs !== undefined) {
      this.timer ??= setTimeout(() => this.leave(), this.options.gatherMs);
    } else if (!this.isDue) {
      this.isDue = true;
      // At least after this turn of the event loop, so that what arrived together leaves together.
      setImmediate(() => this.leave());
    }
  }

  private get canLeave(): boolean {
    return this.waiting.length > 0 && this.calls < this.options.maxCalls;
  }

  private get isEnough(): boolean {
    const { least, forMs = Number.POSITIVE_INFINITY } = this.sizes;
    const [first] = this.waiting;
    return this.waiting.length >= least || (first !== undefined && performance.now() - first.since >= forMs);
  }

  private get sizes(): BatchSizes {
    const { sizes, maxSize } = this.options;
    return sizes?.() ?? { least: 1, most: maxSize };
  }

  private look(): void {
    this.timer = undefined;
    this.schedule();
  }

  private leave(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.isDue = false;
    if (this.canLeave) void this.flush();
  }

  private async flush(): Promise<void> {
    const batch = this.waiting.splice(0, Math.min(this.sizes.most, this.options.maxSize));
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
