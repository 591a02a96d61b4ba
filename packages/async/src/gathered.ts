/** Milliseconds that a caller waits at most for others, while a call is under way. */
const gatherMs = 4;

interface Waiting<In, Out> {
  item: In;
  resolve: (result: Out) => void;
  reject: (error: unknown) => void;
}

/**
 * One call for all who ask at the same time. A call begins after each of those whom it answers has asked, so nobody is
 * told what was true before. While nothing is under way it begins at the end of this turn of the event loop; else it
 * begins when the call before it ends, after 4 ms at most: a call that hangs keeps nobody waiting.
 */
export class Gathered<In, Out> {
  #waiting: Waiting<In, Out>[] = [];
  #underWay = 0;
  #turn: NodeJS.Immediate | undefined;
  #timer: NodeJS.Timeout | undefined;

  private readonly work: (items: readonly In[]) => Promise<readonly Out[]>;
  private readonly most: number;

  /**
   * @param work answers items in their order; what it throws meets all of them
   * @param most items of one call
   */
  constructor(
    work: (items: readonly In[]) => Promise<readonly Out[]>,
    { most = Number.POSITIVE_INFINITY }: { most?: number } = {},
  ) {
    this.work = work;
    this.most = most;
  }

  /** Rejects with what the call threw. */
  ask(item: In): Promise<Out> {
    const { promise, resolve, reject } = Promise.withResolvers<Out>();
    this.#waiting.push({ item, resolve, reject });
    if (this.#waiting.length >= this.most) this.#begin();
    else if (this.#underWay === 0) this.#turn ??= setImmediate(() => this.#begin());
    else this.#timer ??= setTimeout(() => this.#begin(), gatherMs);
    return promise;
  }

  #begin(): void {
    clearImmediate(this.#turn);
    clearTimeout(this.#timer);
    this.#turn = undefined;
    this.#timer = undefined;
    const all = this.#waiting.splice(0);
    if (all.length > 0) void this.#call(all);
  }

  async #call(all: readonly Waiting<In, Out>[]): Promise<void> {
    this.#underWay += 1;
    try {
      const results = await this.work(all.map(({ item }) => item));
      if (results.length !== all.length) throw new Error('a gathered call must answer each of its items');
      for (const [index, result] of results.entries()) all[index]?.resolve(result);
    } catch (error) {
      for (const { reject } of all) reject(error);
    } finally {
      this.#underWay -= 1;
      this.#begin();
    }
  }
}

/**
 * A question that everybody asks alike, asked once for all who ask at the same time.
 *
 * @param read begins after each of those whom it answers has asked
 */
export function joined<T>(read: () => Promise<T>): () => Promise<T> {
  const gathered = new Gathered<undefined, T>(async (items) => {
    const answer = await read();
    return items.map(() => answer);
  });
  return () => gathered.ask(undefined);
}
