import { expect, test } from '@jest/globals';
import { Semaphore } from './semaphore.js';

test('lets so many through at a time, in order, whether they succeed or fail', async () => {
  const semaphore = new Semaphore(2);
  const begun: number[] = [];
  const state = { inside: 0, most: 0 };
  const work = (index: number) => async () => {
    begun.push(index);
    state.inside += 1;
    state.most = Math.max(state.most, state.inside);
    await new Promise((resolve) => setImmediate(resolve));
    state.inside -= 1;
    if (index % 2 === 0) throw new Error('even');
    return index;
  };
  const all = await Promise.allSettled([0, 1, 2, 3, 4, 5].map((index) => semaphore.run(work(index))));
  expect(state.most).toBe(2);
  expect(begun).toEqual([0, 1, 2, 3, 4, 5]);
  expect(all.map(({ status }) => status === 'fulfilled')).toEqual([false, true, false, true, false, true]);
});
