/**
 * Does something for every item, so many at a time.
 *
 * @throws what the first that failed threw, once those under way have ended
 */
export async function sideBySide<T>(
  items: readonly T[],
  width: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) await work(item, index);
  };
  const workers = await Promise.allSettled(Array.from({ length: width }, worker));
  for (const outcome of workers) if (outcome.status === 'rejected') throw outcome.reason;
}
