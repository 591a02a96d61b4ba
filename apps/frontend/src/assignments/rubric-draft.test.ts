import { expect, test } from '@jest/globals';
import { Rubric } from '@cloudemy/contracts';
import fc from 'fast-check';
import { draftOf, emptyCriterion, moved, rubricOf } from './rubric-draft.ts';

test('whatever titles are written, in any script, the rubric is one that the contract takes', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).filter((text) => text.trim() !== ''),
        {
          minLength: 1,
          maxLength: 8,
        },
      ),
      (titles) => {
        const drafts = titles.map((title) => ({ ...emptyCriterion(), title }));
        expect(Rubric.safeParse(rubricOf(drafts)).error?.issues ?? []).toEqual([]);
      },
    ),
    { numRuns: 200 },
  );
});

test('a criterion keeps its id when its title changes', () => {
  const [first] = draftOf(Rubric.parse({ criteria: [{ criterion_id: 'sorts', title: 'Sorts', points: 5 }] }));
  expect(rubricOf(first === undefined ? [] : [{ ...first, title: 'Orders' }]).criteria[0]?.criterion_id).toBe(
    'sorts',
  );
});

test('moving beyond an end moves to the end', () => {
  expect(moved(['a', 'b', 'c'], 0, 5)).toEqual(['b', 'c', 'a']);
  expect(moved(['a', 'b', 'c'], 2, -1)).toEqual(['a', 'c', 'b']);
});
