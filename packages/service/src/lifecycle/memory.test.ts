import { expect, test } from '@jest/globals';
import { idleAfterWork } from './memory.js';

test('garbage is collected once when a process has worked and is idle again, not while it works', () => {
  let used = 0;
  const isDue = idleAfterWork(() => used);
  const after = (cpuMs: number): boolean => {
    used += cpuMs;
    return isDue();
  };
  const due = [5_000, 4_000, 10, 10, 500, 2_000, 0].filter((cpuMs) => after(cpuMs));
  expect(due).toEqual([10, 0]);
});
