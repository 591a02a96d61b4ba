import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { catalogue, inWords, isLong } from './catalogue.js';
import { lengthOf, planFaults, planRolling } from './plan.js';

const seed = fc.integer();
const count = fc.integer({ min: 0, max: 120 });
const cluster = fc.constantFrom('embedded' as const, 'yours' as const);

test('the plan is a function of seed, count and cluster alone', () => {
  fc.assert(
    fc.property(seed, count, cluster, (seed, count, cluster) => {
      const plan = planFaults(seed, count, cluster);
      expect(planFaults(seed, count, cluster)).toEqual(plan);
      expect(plan).toHaveLength(count);
    }),
  );
});

test('everything is done once before anything is done again', () => {
  fc.assert(
    fc.property(seed, cluster, (seed, cluster) => {
      const all = catalogue(cluster).map(inWords);
      const done = planFaults(seed, all.length * 2, cluster).map(({ disturbance }) => inWords(disturbance));
      expect(done.slice(0, all.length).toSorted()).toEqual(all.toSorted());
      expect(done.slice(all.length).toSorted()).toEqual(all.toSorted());
    }),
  );
});

test('times are bounded: forty faults take a few minutes at most', () => {
  fc.assert(
    fc.property(seed, (seed) => {
      for (const { disturbance, holdMs, overlaps, restMs, pick } of planFaults(seed, 40, 'embedded')) {
        expect(holdMs).toBeGreaterThanOrEqual(200);
        expect(holdMs).toBeLessThanOrEqual(isLong(disturbance) ? 60_000 : 9_000);
        expect(overlaps || !isLong(disturbance)).toBe(true);
        expect(restMs).toBeGreaterThan(0);
        expect(pick >= 0 && pick < 1).toBe(true);
      }
      expect(lengthOf(planFaults(seed, 40, 'embedded'))).toBeLessThan(240_000);
    }),
  );
});

test('other seeds give other plans', () => {
  const plans = Array.from({ length: 50 }, (_, seed) => JSON.stringify(planFaults(seed, 5, 'embedded')));
  expect(new Set(plans).size).toBe(plans.length);
});

test('what is asked for alone is done, and nothing else', () => {
  const done = planFaults(7, 9, 'embedded', ['clock', 'of the proxy']).map(({ disturbance }) =>
    inWords(disturbance),
  );
  expect(done).toHaveLength(9);
  for (const words of done) expect(words).toMatch(/clock|of the proxy/);
});

test("nothing is done to a cluster that is not ours but to the scheduler's own objects in it", () => {
  const done = catalogue('yours').map(inWords);
  expect(done.filter((words) => /cluster|process|deployer/.test(words))).toEqual([]);
  expect(done).toContain('delete a job');
});

test('a rollout restarts every replica once', () => {
  expect(planRolling().map(({ disturbance }) => inWords(disturbance))).toEqual([
    'restart backend-1',
    'restart backend-2',
    'restart scheduler-1',
    'restart scheduler-2',
  ]);
});
