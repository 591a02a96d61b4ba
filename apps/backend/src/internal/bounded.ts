/**
 * Does the work for every item, at most `width` at a time, and gives the outcomes in the order of the items.
 * The first failure rejects once those under way have ended.
 */
export async function mapBounded<In, Out>(
  items: readonly In[],
  width: number,
  work: (item: In) => Promise<Out>,
): Promise<Out[]> {
  const outcomes: Out[] = [];
  const queue = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of queue) outcomes[index] = await work(item);
  };
  const lanes = await Promise.allSettled(Array.from({ length: Math.min(width, items.length) }, lane));
  for (const ended of lanes) if (ended.status === 'rejected') throw ended.reason;
  return outcomes;
}
