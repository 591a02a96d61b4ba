/** Milliseconds between two looks, and until it is given up: longer than the limit of any test. */
const everyMs = 20;
const limitMs = 120_000;

/** What a condition that holds can have told. */
type Found<T> = Exclude<T, false | null | undefined>;

/**
 * Asks again and again until there is something: neither false nor null nor undefined.
 *
 * @returns what there is
 * @throws Error with the text of a condition that never holds; what the condition throws
 */
export async function until<T>(ask: () => T | Promise<T>): Promise<Found<T>> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const found = await ask();
    if (isFound(found)) return found;
    if (performance.now() > deadline) throw new Error(`did not come to hold: ${String(ask)}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

function isFound<T>(value: T): value is Found<T> {
  return value !== false && value !== null && value !== undefined;
}
