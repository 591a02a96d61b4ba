import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AimdLimit } from './aimd-limit.js';

function limitOf(max: number, inFlight = max) {
  const clock = { now: 0 };
  const limit = new AimdLimit({ max, inFlight: () => inFlight, now: () => clock.now });
  return { clock, limit };
}

test('is the full limit while the model bears it', () => {
  const { limit } = limitOf(100);
  limit.observe(0);
  expect(limit.current).toBe(100);
});

test('is halved once for what one overload causes, and again when it goes on', () => {
  const { clock, limit } = limitOf(100);
  limit.observe(3);
  expect(limit.current).toBe(50);
  clock.now = 5_000;
  limit.observe(20);
  expect(limit.current).toBe(50);
  clock.now = 10_000;
  limit.observe(25);
  expect(limit.current).toBe(25);
});

test('starts from what is in flight, not from a limit that nobody reached', () => {
  const { limit } = limitOf(100, 8);
  limit.observe(1);
  expect(limit.current).toBe(4);
});

test('recovers step by step to the full limit', () => {
  const { clock, limit } = limitOf(100);
  limit.observe(1);
  clock.now = 15_000;
  expect(limit.current).toBe(55);
  clock.now = 20_000;
  expect(limit.current).toBe(60);
  clock.now = 200_000;
  expect(limit.current).toBe(100);
});

test('never is below one or above the maximum', () => {
  const step = fc.record({ wait: fc.nat(20_000), seen: fc.nat(1_000) });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), fc.array(step), (max, history) => {
      const { clock, limit } = limitOf(max);
      for (const { wait, seen } of history) {
        clock.now += wait;
        limit.observe(seen);
        expect(limit.current).toBeGreaterThanOrEqual(1);
        expect(limit.current).toBeLessThanOrEqual(max);
      }
    }),
  );
});
