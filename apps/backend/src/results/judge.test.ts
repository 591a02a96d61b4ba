import { describe, expect, test } from '@jest/globals';
import { Metrics, type Rubric } from '@cloudemy/contracts';
import fc from 'fast-check';
import { judge } from './judge.js';

const rubric: Rubric = {
  criteria: [
    { criterion_id: 'a', title: 'A', description: '', points: 0.1, fail_tag: null },
    { criterion_id: 'b', title: 'B', description: '', points: 0.2, fail_tag: null },
  ],
};
const criterion = {
  criterion_id: 'a',
  met: true,
  points: 0.1,
  max_points: 0.1,
  reason: '',
  evidence: 'return a + b',
};
const graded = { code: 'return a + b  # fine', language: 'python' as const, rubric };
const verdict = (body: unknown) =>
  judge(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), graded);
const other = { ...criterion, criterion_id: 'b', points: 0.2, max_points: 0.2 };
const criteria = [criterion, other];

test.each([
  ['all there is', { score: 0.3, max_score: 0.3, criteria, fail_tags: ['x'], feedback: 'ok' }],
  ['the sum as floating point has it', { score: 0.1 + 0.2, criteria }],
])('takes %s', (_what, body) => {
  expect(verdict(body)).toMatchObject({ kind: 'graded', result: { score: 0.3 } });
});

test('takes a failure', () => {
  const failure = { code: 'llm_refused', message: 'It refused.', retryable: false };
  expect(verdict({ status: 'failed', failure })).toMatchObject({ kind: 'failed', result: { failure } });
});

test.each<[string, unknown, RegExp]>([
  ['text', 'graded!', /not valid JSON/],
  ['nothing', '', /not valid JSON/],
  ['not a number', '{"score": NaN}', /not valid JSON/],
  ['infinity', '{"score": 1e999}', /score/],
  ['a list', [], /score|object/],
  ['null', 'null', /object/],
  ['no score', {}, /score/],
  ['a bare score', { score: 0.3 }, /no verdict for a, b/],
  ['half of the criteria', { score: 0.1, criteria: [criterion] }, /no verdict for b/],
  ['a score in words', { score: '1' }, /score/],
  ['less than nothing', { score: -0.1 }, /negative/],
  ['too much', { score: 0.31 }, /more than/],
  ['another scale', { score: 0.1, max_score: 100 }, /max_score/],
  [
    'a foreign criterion',
    { score: 0, criteria: [...criteria, { ...criterion, criterion_id: 'z' }] },
    /no criterion z/,
  ],
  ['one twice', { score: 0, criteria: [...criteria, criterion] }, /more than one verdict for a/],
  [
    'a generous criterion',
    { score: 0, criteria: [{ ...criterion, points: 0.2 }, other] },
    /0.2 points for a/,
  ],
  ['a failure without reason', { status: 'failed' }, /failure/],
  ['an unknown status', { status: 'great', score: 0 }, /status/],
])('finds %s ungradable and keeps it', (_what, body, reason) => {
  const outcome = verdict(body);
  expect(outcome).toMatchObject({ kind: 'ungradable', reason: expect.stringMatching(reason) });
  if (outcome.kind === 'ungradable') {
    expect(outcome.raw).toBe(typeof body === 'string' ? body : JSON.stringify(body));
  }
});

test('finds bytes that are not UTF-8 ungradable, and keeps 64 KiB at most', () => {
  expect(judge(Buffer.from([0x22, 0xff, 0x22]), graded)).toMatchObject({ kind: 'ungradable' });
  const huge = judge(Buffer.alloc(200_000, 'x'), graded);
  expect(huge.kind === 'ungradable' && huge.raw.length).toBe(65_536);
});

test.each<[string, object, object]>([
  ['the sum', { score: 0 }, { score: 0.3 }],
  ['points for what is not met', { criteria: [{ ...criterion, met: false }, other] }, { score: 0.2 }],
  [
    'points without evidence',
    { criteria: [{ ...criterion, evidence: null }, other] },
    { score: 0.2, fail_tags: ['evidence-missing'] },
  ],
  ['points for a bracket', { criteria: [{ ...criterion, evidence: '+' }, other] }, { score: 0.2 }],
  ['points for a comment', { criteria: [{ ...criterion, evidence: '# fine' }, other] }, { score: 0.2 }],
  [
    'evidence that is not in the code',
    { criteria: [{ ...criterion, evidence: 'return a - b' }, other] },
    { score: 0.2, criteria: [{ evidence: null, points: 0 }, {}] },
  ],
  [
    'tags of no rubric',
    { fail_tags: ['hello', 'manipulation-suspected'] },
    { fail_tags: ['manipulation-suspected'] },
  ],
])('computes %s anew, whatever the runner says', (_what, changes, expected) => {
  const outcome = verdict({ score: 0.3, criteria, ...changes });
  expect(outcome).toMatchObject({ kind: 'graded', result: expected });
});

test('says what was claimed where that is not what it adds up to', () => {
  expect(verdict({ score: 0.1, criteria })).toMatchObject({
    result: { score: 0.3, metrics: { score_claimed: 0.1 } },
  });
});

describe('figures of a runner are kept as far as they can be', () => {
  const metricsOf = (metrics: unknown): Record<string, unknown> => {
    const outcome = verdict({ score: 0.3, criteria, metrics });
    if (outcome.kind !== 'graded') throw new Error(`not graded: ${JSON.stringify(outcome)}`);
    return outcome.result.metrics;
  };

  test.each<[string, unknown, object]>([
    ['nested', { gpu: { used: { mb: 5 } } }, { gpu_used_mb: 5 }],
    ['named as no column is', { 'a.$b': 1, '1st': 2, ü: 3 }, { a__b: 1, x1st: 2 }],
    ['lists', { steps: [1, 2] }, { steps: '[1,2]' }],
    ['known ones of the wrong type', { total_tokens: 'many', model: 'm' }, { model: 'm', metrics_cut: 1 }],
    ['none at all', null, {}],
    ['a word', 'fast', {}],
  ])('%s', (_, given, kept) => {
    expect(metricsOf(given)).toMatchObject(kept);
  });

  test('too many: the first of them, and how many are left out', () => {
    const many = Object.fromEntries(Array.from({ length: 80 }, (_, at) => [`m${at}`, at]));
    const kept = metricsOf(many);
    expect(Object.keys(kept)).toHaveLength(49);
    expect(kept).toMatchObject({ m0: 0, metrics_cut: 32 });
  });

  test('whatever they are', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (given) => {
        expect(Metrics.safeParse(metricsOf(given)).success).toBe(true);
      }),
    );
  });
});
