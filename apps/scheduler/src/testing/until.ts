const patienceMs = 20_000;

/** Waits until something is so; what never becomes so fails the test with its own text. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`never became so: ${String(condition)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
