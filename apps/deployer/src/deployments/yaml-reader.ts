import { ProblemError } from '@cloudemy/service';
import { type Plan, type YamlLimits, planObjects } from './plan.js';

/** Requests of one user that may wait for their turn; each holds its body. */
const mostWaiting = 20;

/**
 * Reads the YAML of requests, of each user one text at a time: reading takes time of the one thread that terminals
 * and logs of everybody share.
 */
export class YamlReader {
  private readonly limits: YamlLimits;
  /** By user: how many wait or are read, and the end of the last of them. */
  readonly #turns = new Map<string, { waiting: number; last: Promise<unknown> }>();

  constructor(limits: YamlLimits) {
    this.limits = limits;
  }

  /** @throws ProblemError as `planObjects` does, and `rate_limited` when too many wait already */
  async read(userId: string, yaml: string): Promise<Plan> {
    const turns = this.#turns.get(userId) ?? { waiting: 0, last: Promise.resolve() };
    if (turns.waiting >= mostWaiting) {
      throw new ProblemError('rate_limited', {
        detail: `${mostWaiting} of your requests wait for their YAML to be read already. Send fewer at a time.`,
        retryAfter: 1,
      });
    }
    turns.waiting += 1;
    this.#turns.set(userId, turns);
    const turn = turns.last.then(() => planObjects(yaml, this.limits));
    turns.last = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      turns.waiting -= 1;
      if (turns.waiting === 0) this.#turns.delete(userId);
    }
  }
}
