import { describe, expect, test } from '@jest/globals';
import { mapLimit } from './index.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('mapLimit', () => {
  test('gives results in the order of the items, whatever ends first', async () => {
    const work = async (turns: number): Promise<string> => {
      for (let i = 0; i < turns; i += 1) await turn();
      return `after ${turns}`;
    };
    await expect(mapLimit([3, 1, 2], 3, work)).resolves.toEqual(['after 3', 'after 1', 'after 2']);
  });

  test('has no more under way than the limit, and as many as that', async () => {
    let running = 0;
    let most = 0;
    await mapLimit(Array.from({ length: 20 }), 4, async () => {
      running += 1;
      most = Math.max(most, running);
      await turn();
      running -= 1;
    });
    expect(most).toBe(4);
  });

  test('gives every item its turn, then rejects with the first failure', async () => {
    const ended: number[] = [];
    const work = async (n: number): Promise<void> => {
      if (n % 2 === 0) throw new Error(`item ${n}`);
      await turn();
      ended.push(n);
    };
    await expect(mapLimit([0, 1, 2, 3], 2, work)).rejects.toThrow('item 0');
    expect(ended).toEqual([1, 3]);
  });

  test('does nothing for no items', async () => {
    await expect(mapLimit([], 4, () => Promise.reject(new Error('called')))).resolves.toEqual([]);
  });
});
