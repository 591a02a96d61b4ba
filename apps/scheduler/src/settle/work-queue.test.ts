import { until } from '@cloudemy/testing';
import { expect, test } from '@jest/globals';
import { WorkQueue } from './work-queue.js';

const rethrow = (_key: string, error: unknown): void => {
  throw error;
};

test('a key added while it is worked on is looked at once more, never twice at a time', async () => {
  const gates: (() => void)[] = [];
  let active = 0;
  let most = 0;
  const queue = new WorkQueue({
    concurrency: 4,
    onError: rethrow,
    handle: async () => {
      active += 1;
      most = Math.max(most, active);
      await new Promise<void>((resolve) => gates.push(resolve));
      active -= 1;
      return undefined;
    },
  });
  for (let n = 0; n < 5; n += 1) queue.add('a');
  gates[0]?.();
  await until(() => gates.length === 2);
  gates[1]?.();
  await until(() => queue.size === 0);
  expect([most, gates.length]).toEqual([1, 2]);
  await queue.stop();
});

test('what fails comes back', async () => {
  let tries = 0;
  const errors: unknown[] = [];
  const queue = new WorkQueue({
    concurrency: 1,
    onError: (_key, error) => errors.push(error),
    handle: async () => {
      tries += 1;
      if (tries === 1) throw new Error('not now');
      return undefined;
    },
  });
  queue.add('a');
  await until(() => tries === 2);
  expect(errors).toHaveLength(1);
  await queue.stop();
});

test('comes back when the work asked for it, and not after stopping', async () => {
  let looks = 0;
  const queue = new WorkQueue({
    concurrency: 1,
    onError: rethrow,
    handle: async () => {
      looks += 1;
      return 1;
    },
  });
  queue.add('a');
  await until(() => looks >= 3);
  await queue.stop();
  const then = looks;
  queue.add('a');
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(looks).toBe(then);
});

test('what is added while it gathers is one look', async () => {
  const looks: string[] = [];
  const queue = new WorkQueue({
    concurrency: 4,
    gatherMs: 20,
    onError: rethrow,
    handle: async (key) => {
      looks.push(key);
      return undefined;
    },
  });
  for (const key of ['a', 'b', 'a']) queue.add(key);
  expect(looks).toEqual([]);
  await until(() => queue.size === 0);
  expect(looks).toEqual(['a', 'b']);
  await queue.stop();
});
