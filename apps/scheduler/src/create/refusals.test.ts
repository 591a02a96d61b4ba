import { expect, test } from '@jest/globals';
import { Refusals } from './refusals.js';

test('a Job is given up when admission has refused it often and for long, and nothing else counts', () => {
  const clock = { now: 0 };
  const refusals = new Refusals(() => clock.now);
  const refused = () => refusals.isEnough('runner-1', 'admission_refused');
  expect([refused(), refused(), refused(), refused(), refused()]).toEqual(Array(5).fill(false));
  clock.now = 130_000;
  expect(refusals.isEnough('runner-1', 'cluster_unavailable')).toBe(false);
  expect(refused()).toBe(true);
  refusals.forget('runner-1');
  expect(refused()).toBe(false);
});

test('no more Jobs are remembered than there is room for', () => {
  const clock = { now: 0 };
  const refusals = new Refusals(() => clock.now);
  for (let job = 0; job < 1_500; job += 1) refusals.isEnough(`runner-${job}`, 'admission_refused');
  clock.now = 130_000;
  for (let time = 0; time < 4; time += 1) refusals.isEnough('runner-1499', 'admission_refused');
  for (let time = 0; time < 4; time += 1) refusals.isEnough('runner-0', 'admission_refused');
  expect(refusals.isEnough('runner-1499', 'admission_refused')).toBe(true);
  expect(refusals.isEnough('runner-0', 'admission_refused')).toBe(false);
});
