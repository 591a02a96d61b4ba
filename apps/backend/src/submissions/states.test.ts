import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { SubmissionStatus, isFinal } from '@cloudemy/contracts';
import fc from 'fast-check';
import { statesAsMarkdown } from './states-document.js';
import { type State, decide } from './states.js';

const statuses = SubmissionStatus.options;
const wish = fc.record({ to: fc.constantFrom(...statuses), attempt: fc.integer({ min: 1, max: 4 }) });

/** What the transitions does with a decision. */
function step(state: State, { to, attempt }: { to: SubmissionStatus; attempt: number }): State {
  if (decide(state, to, attempt) !== 'apply') return state;
  return { status: to, attempt: to === 'queued' ? attempt + 1 : attempt };
}

const rank = (status: SubmissionStatus): number => (isFinal(status) ? 3 : statuses.indexOf(status));

describe('any order of wishes, repeated and late ones among them', () => {
  const run = (check: (states: State[]) => void): void => {
    fc.assert(
      fc.property(fc.array(wish, { maxLength: 40 }), (wishes) => {
        const states: State[] = [{ status: 'queued', attempt: 1 }];
        for (const wanted of wishes)
          states.push(step(states.at(-1) ?? { status: 'queued', attempt: 1 }, wanted));
        check(states);
      }),
      { numRuns: 500 },
    );
  };
  const pairs = (states: State[]): [State, State][] =>
    states.slice(1).map((after, index) => [states[index] ?? after, after]);

  test('attempts never go back, and states never within an attempt', () => {
    run((states) => {
      for (const [before, after] of pairs(states)) {
        expect(after.attempt).toBeGreaterThanOrEqual(before.attempt);
        if (after.attempt === before.attempt) {
          expect(rank(after.status)).toBeGreaterThanOrEqual(rank(before.status));
        }
      }
    });
  });

  test('an attempt ends at most once, and only its end begins another', () => {
    run((states) => {
      for (const [before, after] of pairs(states)) {
        if (isFinal(before.status) && after.attempt === before.attempt) expect(after).toEqual(before);
        if (after.attempt > before.attempt) {
          expect(isFinal(before.status)).toBe(true);
          expect(after).toEqual({ status: 'queued', attempt: before.attempt + 1 });
        }
      }
    });
  });

  test('from every state that is not final, every final state can be reached', () => {
    for (const status of statuses.filter((state) => !isFinal(state))) {
      for (const end of statuses.filter(isFinal)) {
        expect(decide({ status, attempt: 1 }, end, 1)).toBe('apply');
      }
    }
  });
});

test('says why a wish changes nothing', () => {
  expect(decide({ status: 'running', attempt: 2 }, 'graded', 1)).toBe('stale');
  expect(decide({ status: 'running', attempt: 2 }, 'graded', 3)).toBe('unknown');
  expect(decide({ status: 'running', attempt: 1 }, 'scheduled', 1)).toBe('unchanged');
  expect(decide({ status: 'graded', attempt: 1 }, 'graded', 1)).toBe('unchanged');
  expect(decide({ status: 'cancelled', attempt: 1 }, 'graded', 1)).toBe('final');
  expect(decide({ status: 'queued', attempt: 1 }, 'queued', 1)).toBe('unchanged');
});

test('docs/states.md shows the table as it is', async () => {
  const page = await readFile(new URL('../../../../docs/states.md', import.meta.url), 'utf8');
  const shown = /<!-- states -->\n([^]*)<!-- \/states -->/.exec(page)?.[1]?.trim();
  expect(shown).toBe(statesAsMarkdown().trim());
});
