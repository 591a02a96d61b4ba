import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Gathered, joined } from './index.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A call that ends when it is told to. */
function held() {
  const calls: { items: readonly number[]; end: () => void; fail: (error: Error) => void }[] = [];
  const work = (items: readonly number[]): Promise<string[]> =>
    new Promise((resolve, reject) => {
      calls.push({ items, end: () => resolve(items.map((item) => `of ${item}`)), fail: reject });
    });
  return { calls, work };
}

describe('gathered calls', () => {
  test('what is asked in one turn is one call, and each is told its own answer', async () => {
    const { calls, work } = held();
    const gathered = new Gathered(work);
    const answers = Promise.all([1, 2, 3].map((item) => gathered.ask(item)));
    await turn();
    expect(calls.map(({ items }) => items)).toEqual([[1, 2, 3]]);
    calls[0]?.end();
    await expect(answers).resolves.toEqual(['of 1', 'of 2', 'of 3']);
  });

  test('whoever asks while a call is under way is answered by one that begins afterwards', async () => {
    const { calls, work } = held();
    const gathered = new Gathered(work);
    const first = gathered.ask(1);
    await turn();
    const others = Promise.all([gathered.ask(2), gathered.ask(3)]);
    calls[0]?.end();
    await expect(first).resolves.toBe('of 1');
    await turn();
    expect(calls.map(({ items }) => items)).toEqual([[1], [2, 3]]);
    calls[1]?.end();
    await expect(others).resolves.toEqual(['of 2', 'of 3']);
  });

  test('a call that hangs keeps nobody waiting', async () => {
    const { calls, work } = held();
    const gathered = new Gathered(work);
    void gathered.ask(1);
    await turn();
    const other = gathered.ask(2);
    while (calls.length < 2) await turn();
    calls[1]?.end();
    await expect(other).resolves.toBe('of 2');
  });

  test('a failure meets those of its call alone', async () => {
    const { calls, work } = held();
    const gathered = new Gathered(work, { most: 2 });
    const answers = Promise.allSettled([1, 2, 3].map((item) => gathered.ask(item)));
    await turn();
    calls[0]?.fail(new Error('away'));
    while (calls.length < 2) await turn();
    calls[1]?.end();
    await expect(answers).resolves.toMatchObject([
      { status: 'rejected', reason: { message: 'away' } },
      { status: 'rejected', reason: { message: 'away' } },
      { status: 'fulfilled', value: 'of 3' },
    ]);
  });

  test('each item is in one call, no call has more than it may, and each gets its own answer', async () => {
    const waits = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(waits, fc.integer({ min: 1, max: 5 }), async (turns, most) => {
        const seen: number[] = [];
        const work = async (items: readonly number[]): Promise<number[]> => {
          expect(items.length).toBeLessThanOrEqual(most);
          seen.push(...items);
          await turn();
          return items.map((item) => item * 2);
        };
        const gathered = new Gathered(work, { most });
        const answers: Promise<number>[] = [];
        for (const [index, wait] of turns.entries()) {
          for (let n = 0; n < wait; n += 1) await turn();
          answers.push(gathered.ask(index));
        }
        expect(await Promise.all(answers)).toEqual(turns.map((_, index) => index * 2));
        expect(seen.toSorted((a, b) => a - b)).toEqual([...turns.keys()]);
      }),
      { numRuns: 50 },
    );
  });

  test('a joined question is asked once for all, and never answered by what began before', async () => {
    let state = 'old';
    let reads = 0;
    const ask = joined(async () => {
      reads += 1;
      const now = state;
      await turn();
      return now;
    });
    const early = Promise.all([ask(), ask()]);
    await turn();
    state = 'new';
    await expect(ask()).resolves.toBe('new');
    await expect(early).resolves.toEqual(['old', 'old']);
    expect(reads).toBe(2);
  });
});
