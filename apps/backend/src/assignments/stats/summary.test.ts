import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Tally } from './model.js';
import { summaryOf, totalOf } from './summary.js';

const tally = fc.record({
  status: fc.constantFrom('graded', 'failed', 'cancelled', 'queued'),
  score: fc.option(fc.integer({ min: 0, max: 20 })),
  max_score: fc.constant(20),
  count: fc.integer({ min: 1, max: 4 }),
}) satisfies fc.Arbitrary<Tally>;

test('says the same as counting the submissions one by one', () => {
  fc.assert(
    fc.property(fc.array(tally), (tallies) => {
      const each = tallies.flatMap((one) => Array.from({ length: one.count }, () => one));
      const scores = each
        .flatMap(({ score }) => (score === null ? [] : [score / 20]))
        .toSorted((a, b) => a - b);
      const summary = summaryOf(tallies);
      expect(summary.submissions).toBe(each.length);
      expect(summary.by_status.failed).toBe(each.filter(({ status }) => status === 'failed').length);
      const { mean, median, distribution } = summary.scores;
      expect(distribution.reduce((sum, count) => sum + count, 0)).toBe(scores.length);
      expect(distribution[9]).toBe(scores.filter((score) => score >= 0.9).length);
      expect(distribution[0]).toBe(scores.filter((score) => score < 0.1).length);
      if (scores.length === 0) {
        expect([mean, median]).toEqual([null, null]);
        return;
      }
      expect(mean).toBeCloseTo(scores.reduce((sum, score) => sum + score, 0) / scores.length);
      const lower = scores[Math.floor((scores.length - 1) / 2)] ?? Number.NaN;
      const upper = scores[Math.floor(scores.length / 2)] ?? Number.NaN;
      expect(median).toBeCloseTo((lower + upper) / 2);
    }),
  );
});

test('says of the total of all days what it says of their tallies', () => {
  fc.assert(
    fc.property(fc.array(fc.array(tally)), (days) => {
      const total = totalOf(Object.fromEntries(days.entries()));
      const [ours, theirs] = [summaryOf(total), summaryOf(days.flat())];
      expect({ ...ours, scores: ours.scores.distribution }).toEqual({
        ...theirs,
        scores: theirs.scores.distribution,
      });
      expect(ours.scores.median).toBe(theirs.scores.median);
      expect(new Set(total.map(({ status, score }) => `${status} ${score}`)).size).toBe(total.length);
    }),
  );
});

test('a score above the most, by an operator who changed the rubric, is in the last band', () => {
  const { scores } = summaryOf([{ status: 'graded', score: 12, max_score: 10, count: 1 }]);
  expect(scores.distribution[9]).toBe(1);
});
