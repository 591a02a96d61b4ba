import { expect, test } from '@jest/globals';
import type { Rubric } from '@cloudemy/contracts';
import { judge } from './judge.js';

const rubric: Rubric = {
  criteria: [
    { criterion_id: 'a', title: 'A', description: '', points: 0.1, fail_tag: null },
    { criterion_id: 'b', title: 'B', description: '', points: 0.2, fail_tag: null },
  ],
};
const criterion = { criterion_id: 'a', met: true, points: 0.1, max_points: 0.1, reason: '', evidence: null };
const verdict = (body: unknown) =>
  judge(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), rubric);

test.each([
  ['a bare score', { score: 0 }],
  ['all there is', { score: 0.3, max_score: 0.3, criteria: [criterion], fail_tags: ['x'], feedback: 'ok' }],
  ['the sum as floating point has it', { score: 0.1 + 0.2 }],
])('takes %s', (_what, body) => {
  expect(verdict(body).kind).toBe('graded');
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
  ['a score in words', { score: '1' }, /score/],
  ['less than nothing', { score: -0.1 }, /negative/],
  ['too much', { score: 0.31 }, /more than/],
  ['another scale', { score: 0.1, max_score: 100 }, /max_score/],
  ['a foreign criterion', { score: 0, criteria: [{ ...criterion, criterion_id: 'z' }] }, /no criterion z/],
  ['one twice', { score: 0, criteria: [criterion, criterion] }, /twice/],
  ['a generous criterion', { score: 0, criteria: [{ ...criterion, points: 0.2 }] }, /0.2 points for a/],
  ['a failure without reason', { status: 'failed' }, /failure/],
  ['an unknown status', { status: 'great', score: 0 }, /status/],
  ['figures no store can hold', { score: 0, metrics: { 'a.$b': 1 } }, /metrics/],
])('finds %s ungradable and keeps it', (_what, body, reason) => {
  const outcome = verdict(body);
  expect(outcome).toMatchObject({ kind: 'ungradable', reason: expect.stringMatching(reason) });
  if (outcome.kind === 'ungradable') {
    expect(outcome.raw).toBe(typeof body === 'string' ? body : JSON.stringify(body));
  }
});

test('finds bytes that are not UTF-8 ungradable, and keeps 64 KiB at most', () => {
  expect(judge(Buffer.from([0x22, 0xff, 0x22]), rubric)).toMatchObject({ kind: 'ungradable' });
  const huge = judge(Buffer.alloc(200_000, 'x'), rubric);
  expect(huge.kind === 'ungradable' && huge.raw.length).toBe(65_536);
});
