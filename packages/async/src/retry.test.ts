import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { backoffMs, retry } from './index.js';

describe('retry', () => {
  test('runs again while there is a pause to make', async () => {
    const attempts: number[] = [];
    let runs = 0;
    const result = retry(
      async () => {
        runs += 1;
        if (runs < 3) throw new Error(`run ${runs}`);
        return 'done';
      },
      { delayMs: (_error, attempt) => attempts.push(attempt) * 0 },
    );
    await expect(result).resolves.toBe('done');
    expect(attempts).toEqual([1, 2]);
  });

  test('throws the last error when it is given up', async () => {
    let runs = 0;
    const run = (): Promise<never> => Promise.reject(new Error(`run ${(runs += 1)}`));
    const delayMs = (_error: unknown, attempt: number) => (attempt < 2 ? 0 : undefined);
    await expect(retry(run, { delayMs })).rejects.toThrow('run 2');
  });

  test('ends its pause with the reason of the signal', async () => {
    const stopping = new AbortController();
    const delayMs = (): number => {
      queueMicrotask(() => stopping.abort(new Error('stopping')));
      return 60_000;
    };
    const { signal } = stopping;
    await expect(retry(() => Promise.reject(new Error('no')), { delayMs, signal })).rejects.toThrow(
      'stopping',
    );
  });
});

describe('backoffMs', () => {
  test('lies between half and all of an exponential delay, and never above the limit', () => {
    const input = {
      attempt: fc.integer({ min: 1, max: 2_000 }),
      firstMs: fc.integer({ min: 1, max: 10_000 }),
      maxMs: fc.integer({ min: 1, max: 60_000 }),
      factor: fc.integer({ min: 1, max: 10 }),
    };
    fc.assert(
      fc.property(fc.record(input), ({ attempt, ...limits }) => {
        const full = Math.min(limits.maxMs, limits.firstMs * limits.factor ** (attempt - 1));
        const ms = backoffMs(attempt, limits);
        expect(ms).toBeGreaterThanOrEqual(full / 2);
        expect(ms).toBeLessThanOrEqual(full);
      }),
    );
  });
});
