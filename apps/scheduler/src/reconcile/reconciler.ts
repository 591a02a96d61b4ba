/** One rule: something that must be so, and what to do where it is not. */
export interface Rule {
  readonly name: string;
  apply: () => Promise<unknown>;
}

/** Milliseconds that a pass waits for one rule: the queue's client, for one, waits without end for Redis. */
const patienceMs = 30_000;

/** Compares what should be with what is, rule by rule, and has both sides put right. */
export class Reconciler {
  constructor(private readonly rules: readonly Rule[]) {}

  /**
   * One pass over everything. A rule that cannot be applied does not keep the others from it.
   *
   * @throws AggregateError of what went wrong; what was not reached is reached on the next pass
   */
  async pass(): Promise<void> {
    const outcomes = await Promise.allSettled(this.rules.map((rule) => inTime(rule)));
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
}

async function inTime(rule: Rule): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`${rule.name}: still going on after ${patienceMs} ms`)),
    patienceMs,
  );
  try {
    await Promise.race([rule.apply(), late]);
  } finally {
    clearTimeout(timer);
  }
}
