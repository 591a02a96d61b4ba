import { withTimeout } from '@cloudemy/async';

/** One rule: something that must be so, and what to do where it is not. */
export interface Rule {
  readonly name: string;
  /** Must end by itself: each of its calls to the outside has a time limit. */
  apply: () => Promise<unknown>;
}

/** Milliseconds that a pass waits for one rule. */
const defaultTimeoutMs = 30_000;

/** Compares what should be with what is, rule by rule, and has both sides put right. */
export class Reconciler {
  /** Rules that outlasted their pass, by name: applied twice at a time, they would only add to what holds them up. */
  private readonly underWay = new Map<string, Promise<unknown>>();

  private readonly timeoutMs: number;
  private readonly rules: readonly Rule[];

  constructor(rules: readonly Rule[], timeoutMs = defaultTimeoutMs) {
    this.rules = rules;
    this.timeoutMs = timeoutMs;
  }

  /**
   * One pass over everything. A rule that cannot be applied does not keep the others from it.
   *
   * @throws AggregateError of what went wrong; what was not reached is reached on the next pass
   */
  async pass(): Promise<void> {
    const outcomes = await Promise.allSettled(
      this.rules.map((rule) => withTimeout(this.timeoutMs, rule.name, this.applied(rule))),
    );
    const failed = outcomes.flatMap((outcome, index) =>
      outcome.status === 'rejected' ? [{ rule: this.rules[index]?.name, why: outcome.reason }] : [],
    );
    if (failed.length === 0) return;
    const names = failed.map(({ rule }) => rule).join(', ');
    throw new AggregateError(
      failed.map(({ why }) => why),
      `could not be reconciled: ${names}`,
    );
  }

  private applied({ name, apply }: Rule): Promise<unknown> {
    const running = this.underWay.get(name) ?? apply().finally(() => this.underWay.delete(name));
    this.underWay.set(name, running);
    return running;
  }
}
