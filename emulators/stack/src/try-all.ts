/**
 * Runs all of them side by side, also when one fails.
 *
 * @throws the only error, or an AggregateError that says what each failed with
 */
export async function tryAll(steps: readonly (() => Promise<unknown>)[]): Promise<void> {
  const errors = (await Promise.allSettled(steps.map((step) => step()))).flatMap((outcome): unknown[] =>
    outcome.status === 'rejected' ? [outcome.reason] : [],
  );
  throwAll(errors);
}

/** Runs them one after the other, the last first, also when one fails. Throws as `tryAll` does. */
export async function unwind(steps: readonly (() => Promise<unknown>)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const step of steps.toReversed()) await step().catch((error: unknown) => errors.push(error));
  throwAll(errors);
}

function throwAll(errors: readonly unknown[]): void {
  if (errors.length > 0) throw asOne(errors);
}

/** One error for several: an AggregateError with the words of each. */
export function asOne(errors: readonly unknown[]): unknown {
  if (errors.length === 1) return errors[0];
  const words = errors.map((error) => (error instanceof Error ? error.message : String(error)));
  return new AggregateError(errors, words.join('\n'));
}
