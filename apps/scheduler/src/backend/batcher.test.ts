import { expect, test } from '@jest/globals';
import { Batcher } from './batcher.js';

/** A batcher whose calls are answered when the test says so. */
function controlled(maxSize: number, maxCalls: number) {
  const calls: { items: number[]; answer: () => void; fail: (error: Error) => void }[] = [];
  const batcher = new Batcher<number, string>({
    maxSize,
    maxCalls,
    send: (items) =>
      new Promise((resolve, reject) => {
        calls.push({ items, answer: () => resolve(items.map((item) => `<${item}>`)), fail: reject });
      }),
  });
  return { batcher, calls };
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

test('the first goes at once, those that come meanwhile go together', async () => {
  const { batcher, calls } = controlled(10, 1);
  const answers = [batcher.add(1)];
  await turn();
  answers.push(batcher.add(2), batcher.add(3));
  await turn();
  expect(calls.map(({ items }) => items)).toEqual([[1]]);
  calls[0]?.answer();
  await turn();
  expect(calls.map(({ items }) => items)).toEqual([[1], [2, 3]]);
  calls[1]?.answer();
  expect(await Promise.all(answers)).toEqual(['<1>', '<2>', '<3>']);
});

test('no call is larger than allowed, and no more are under way', async () => {
  const { batcher, calls } = controlled(2, 2);
  const answers = [1, 2, 3, 4, 5].map((item) => batcher.add(item));
  await turn();
  await turn();
  expect(calls.map(({ items }) => items)).toEqual([
    [1, 2],
    [3, 4],
  ]);
  calls[0]?.answer();
  await turn();
  expect(calls[2]?.items).toEqual([5]);
  calls[1]?.answer();
  calls[2]?.answer();
  expect(await Promise.all(answers)).toHaveLength(5);
});

test('a failed call fails its own items only', async () => {
  const { batcher, calls } = controlled(1, 1);
  const [first, second] = [batcher.add(1), batcher.add(2)];
  await turn();
  calls[0]?.fail(new Error('down'));
  await expect(first).rejects.toThrow('down');
  await turn();
  calls[1]?.answer();
  expect(await second).toBe('<2>');
});

test('an answer that is too short is an error, not silence', async () => {
  const batcher = new Batcher<number, string>({ maxSize: 5, maxCalls: 1, send: async () => ['one'] });
  const [first, second] = [batcher.add(1), batcher.add(2)];
  expect(await first).toBe('one');
  await expect(second).rejects.toThrow('1 items of 2');
});
