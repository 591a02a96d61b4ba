/**
 * Work whose outcome is good for a moment: whoever asks meanwhile gets the same, so that asking often costs no more
 * than asking now and then. A failure is told to those who wait for it and is not kept.
 */
export function recent<T>(ms: number, work: () => Promise<T>): () => Promise<T> {
  let last: Promise<T> | undefined;
  let at = Number.NEGATIVE_INFINITY;
  return () => {
    if (last !== undefined && performance.now() - at < ms) return last;
    at = performance.now();
    const asked = work();
    last = asked;
    asked.catch(() => {
      if (last === asked) last = undefined;
    });
    return asked;
  };
}
