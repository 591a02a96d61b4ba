import { expect, test } from '@jest/globals';
import { Batcher, type BatcherOptions } from './batcher.js';

/** A batcher whose calls are answered when the test says so. */
function controlled(maxSize: number, maxCalls: number, apart?: BatcherOptions<number, string>['apart']) {
  const calls: { items: number[]; answer: () => void; fail: (error: Error) => void }[] = [];
  const batcher = new Batcher<number, string>({
    maxSize,
    maxCalls,
    ...(apart === undefined ? {} : { apart }),
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

/** Longer than any test takes. */
const aDay = 86_400_000;

test('kept apart, the first goes at once and the next when enough wait', async () => {
  const { batcher, calls } = controlled(10, 1, { ms: aDay, enough: 3 });
  const answers = [batcher.add(1)];
  await turn();
  calls[0]?.answer();
  expect(await answers[0]).toBe('<1>');
  answers.push(batcher.add(2), batcher.add(3));
  await turn();
  expect(calls).toHaveLength(1);
  answers.push(batcher.add(4));
  await turn();
  expect(calls.map(({ items }) => items)).toEqual([[1], [2, 3, 4]]);
  calls[1]?.answer();
  expect(await Promise.all(answers)).toEqual(['<1>', '<2>', '<3>', '<4>']);
});

test('kept apart, those that are too few go in the end', async () => {
  const { batcher, calls } = controlled(10, 1, { ms: 20, enough: 3 });
  const answers = [batcher.add(1)];
  await turn();
  calls[0]?.answer();
  await answers[0];
  const second = batcher.add(2);
  while (calls.length < 2) await turn();
  expect(calls[1]?.items).toEqual([2]);
  calls[1]?.answer();
  expect(await second).toBe('<2>');
});
