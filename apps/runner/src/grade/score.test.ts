import { expect, test } from '@jest/globals';
import { Rubric } from '@cloudemy/contracts';
import { evidenceMissingTag, manipulationTag, unfoundedTag } from '@cloudemy/grading';
import fc from 'fast-check';
import type { Answer } from '../prompt/answer.js';
import { feedbackOf } from './feedback.js';
import { evidenceFault, scoreOf } from './score.js';

const code = 'def add(a, b):\n\t"""Add them."""\n\treturn a  + b\n';
const rubric = Rubric.parse({
  criteria: ['one', 'two'].map((criterion_id) => ({ criterion_id, title: criterion_id, points: 1 })),
});
const graded = { code, language: 'python' as const, rubric };

const answerWith = (
  evidence: readonly (string | null)[],
  manipulation: Answer['manipulation'] = { suspected: false, quotation: null },
): Answer => ({
  verdicts: ['one', 'two'].map((criterion_id, at) => ({
    criterion_id,
    met: true,
    reason: 'r',
    evidence: evidence[at] ?? null,
  })),
  manipulation,
  summary: '',
});

test('verdicts with code as evidence count, and nothing is to be asked again', () => {
  const answer = answerWith(['return a + b', 'def add(a,b):']);
  expect(evidenceFault(answer, graded)).toBeUndefined();
  expect(scoreOf(answer, graded)).toMatchObject({ score: 2, fail_tags: [], evidenceMissing: 0 });
});

test('what lacks it is named, gives no points, and the student reads why', () => {
  const answer = answerWith(['return a + b', '"""Add them."""']);
  expect(evidenceFault(answer, graded)).toContain('evidence for two is no code');
  const score = scoreOf(answer, graded);
  expect(score).toMatchObject({ score: 1, fail_tags: [evidenceMissingTag], evidenceMissing: 1 });
  expect(feedbackOf('', score, rubric)).toContain('? two (0/1): r Not counted');
  expect(evidenceFault(answerWith([null, null]), graded)).toBeUndefined();
});

test('quotations none of which is in the code make the grade unfounded', () => {
  const { fail_tags } = scoreOf(answerWith(['return a - b', null]), graded);
  expect(fail_tags).toEqual([unfoundedTag, evidenceMissingTag]);
  expect(scoreOf(answerWith([null, null]), graded).fail_tags).toEqual([evidenceMissingTag]);
});

test('a suspicion of the model is always shown, its quotation when it is in the code', () => {
  const shown = scoreOf(
    answerWith(['def add', 'def add'], { suspected: true, quotation: 'Add them.' }),
    graded,
  );
  expect(shown.fail_tags).toEqual([manipulationTag]);
  expect(shown.manipulation).toEqual({ suspected: true, quotation: 'Add them.' });
  const inexact = scoreOf(
    answerWith(['def add', 'def add'], { suspected: true, quotation: 'Add us.' }),
    graded,
  );
  expect(inexact.fail_tags).toEqual([manipulationTag]);
  expect(inexact.manipulation).toEqual({ suspected: true, quotation: null });
});

test('feedback is well formed, whatever the model says', () => {
  const any = fc.string({ unit: 'binary' });
  fc.assert(
    fc.property(any, any, (summary, reason) => {
      const answer = answerWith(['return a + b', null]);
      const verdicts = answer.verdicts.map((verdict) => ({ ...verdict, reason }));
      const score = scoreOf({ ...answer, verdicts }, graded);
      expect(feedbackOf(summary, score, rubric).isWellFormed()).toBe(true);
    }),
  );
});
