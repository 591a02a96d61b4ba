import { describe, expect, test } from '@jest/globals';
import { TimeLimitError, resultWithin, withTimeout } from './index.js';

const never = (): Promise<never> => new Promise(() => {});

describe('withTimeout', () => {
  test('gives the result of work that is in time', async () => {
    await expect(withTimeout(60_000, 'the work', Promise.resolve('done'))).resolves.toBe('done');
  });

  test('rejects with what the work threw in time', async () => {
    const failure = new Error('no');
    await expect(withTimeout(60_000, 'the work', Promise.reject(failure))).rejects.toBe(failure);
  });

  test('names work that is late', async () => {
    await expect(withTimeout(1, 'the queue', never())).rejects.toThrow(
      new TimeLimitError('the queue', 1).message,
    );
  });
});

describe('resultWithin', () => {
  test('gives the result of work that is in time, and its error', async () => {
    await expect(resultWithin(60_000, Promise.resolve('done'))).resolves.toBe('done');
    await expect(resultWithin(60_000, Promise.reject(new Error('no')))).rejects.toThrow('no');
  });

  test('gives nothing for work that is late', async () => {
    await expect(resultWithin(1, never())).resolves.toBeUndefined();
  });

  test('gives nothing when nobody waits any more', async () => {
    const stopping = new AbortController();
    const result = resultWithin(60_000, never(), stopping.signal);
    stopping.abort();
    await expect(result).resolves.toBeUndefined();
    await expect(resultWithin(60_000, never(), stopping.signal)).resolves.toBeUndefined();
  });
});
