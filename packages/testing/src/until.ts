/** Milliseconds between two looks, and until it is given up: longer than the limit of any test. */
const everyMs = 20;
const limitMs = 120_000;

/**
 * Waits until something holds.
 *
 * @throws Error with the text of a condition that never does; what the condition throws
 */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`did not come to hold: ${String(condition)}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
