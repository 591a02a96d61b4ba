import { afterEach, expect, jest, test } from '@jest/globals';
import { DatabaseClock } from './clock.js';

afterEach(() => {
  jest.restoreAllMocks();
});

test('a clock that jumps on this machine changes nothing once MongoDB has told its time', () => {
  const clock = new DatabaseClock();
  const told = new Date('2026-06-01T12:00:00Z');
  clock.hear(told, performance.now());
  const real = Date.now();
  for (const jump of [3 * 3_600_000, -3 * 3_600_000, 365 * 86_400_000]) {
    jest.spyOn(Date, 'now').mockReturnValue(real + jump);
    const since = clock.now().getTime() - told.getTime();
    expect(since).toBeGreaterThanOrEqual(0);
    expect(since).toBeLessThan(3_600_000);
  }
});

test('before that it is the clock of this machine', () => {
  const before = Date.now();
  expect(new DatabaseClock().now().getTime()).toBeGreaterThanOrEqual(before);
});
