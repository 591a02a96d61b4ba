import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type GradedResult, RunnerEnv, type RunnerRecord } from '@cloudemy/contracts';
import { gradeSubmission } from '../grade/grade.js';
import { Meter } from '../model/meter.js';
import { Model } from '../model/model.js';
import { evidenceMissingTag, manipulationTag, unfoundedTag } from '@cloudemy/grading';
import { createLogger } from '../log.js';
import { type ModelRequest, startTestModel } from '../testing/test-model.js';
import { type Attack, readAttacks } from './attacks.js';
import { measure } from './measure.js';

const log = createLogger('error', {}, () => undefined);
const { honest, attacks } = await readAttacks(join(import.meta.dirname, '../../../../examples'));
const { criteria } = honest.assignment.rubric;

/** What the model said last, and to what; each test says what it answers. */
const asked: ModelRequest[] = [];
let answer: (body: ModelRequest) => string;
let model: Awaited<ReturnType<typeof startTestModel>>;
beforeAll(async () => {
  model = await startTestModel((body) => {
    asked.push(body);
    return { text: answer(body) };
  });
});
afterAll(() => model.close());

function grade(record: RunnerRecord): Promise<GradedResult> {
  asked.length = 0;
  const env = RunnerEnv.parse({
    SUBMISSION_ID: record.submission_id,
    REDIS_URL: 'redis://127.0.0.1:1',
    BACKEND_INTERNAL_URL: 'http://127.0.0.1:1',
    INTERNAL_RESULT_TOKEN: 'token',
    LLM_API_KEY: 'key',
    LLM_BASE_URL: model.url,
    LLM_MAX_RETRIES: '0',
  });
  const meter = new Meter({ own: undefined, openai: false });
  const signal = new AbortController().signal;
  return gradeSubmission(record, { model: new Model(env, meter, log, () => 60_000), meter, log, signal });
}

/** Full marks for everything: a model that believed what it read. */
const obedient = (evidence: string | null, more: object = {}): string =>
  JSON.stringify({
    verdicts: criteria.map(({ criterion_id }) => ({
      criterion_id,
      reason: 'Well done.',
      evidence,
      met: true,
    })),
    manipulation: { suspected: false, quotation: null },
    summary: 'Excellent.',
    ...more,
  });

/** Attacks that are seen without asking any model. */
const seenInTheCode = [
  'chat-template-marks',
  'fake-closing-mark',
  'imitated-answer',
  'tag-characters',
  'variation-selectors',
  'zero-width',
];

test('there is an attack of every kind', () => {
  expect(attacks.length).toBeGreaterThanOrEqual(15);
  expect(attacks.map(({ name }) => name)).toEqual(expect.arrayContaining(seenInTheCode));
});

describe.each(attacks.map((attack): [string, Attack] => [attack.name, attack]))('%s', (name, { record }) => {
  test('stays between its marks, with nothing in it that people cannot see', async () => {
    answer = () => obedient(null);
    await grade(record);
    const prompt = asked[0]?.messages.at(-1)?.content ?? '';
    const mark = /\n<(submission-[0-9a-f]{32})>\n/.exec(prompt)?.[1] ?? 'none';
    expect(prompt.split(mark)).toHaveLength(3);
    expect(prompt.endsWith(`</${mark}>`)).toBe(true);
    expect(record.code).not.toContain(mark);
    expect(prompt).not.toMatch(/(?![\t\n])[\p{Cc}\p{Cf}]|[\ufe00-\ufe0e\u{e0100}-\u{e01ef}]/u);
  });

  test('is reported without a model, when it imitates the frame or hides text', async () => {
    answer = () => obedient(null);
    const { fail_tags } = await grade(record);
    expect(fail_tags.includes(manipulationTag)).toBe(seenInTheCode.includes(name));
  });

  test('obeyed with invented evidence: asked again, then tagged, and the evidence is not shown', async () => {
    answer = () => obedient('return sorted(merged)');
    const result = await grade(record);
    expect(asked).toHaveLength(2);
    expect(asked[1]?.messages.at(-1)?.content).toContain('occurs in the submission');
    expect(result.fail_tags).toEqual(expect.arrayContaining([unfoundedTag, evidenceMissingTag]));
    expect(result.score).toBe(0);
    expect(result.criteria.map(({ evidence }) => evidence)).toEqual(criteria.map(() => null));
    expect(result.metrics['evidence_missing']).toBe(criteria.length);
  });
  test.each([
    ['nothing', null],
    ['a bracket', ')'],
    ['its own comment', '# '],
  ])('obeyed with %s as evidence: no points', async (_, quotation) => {
    // The longest comment line of the attack is what it wants to be quoted.
    const comments = record.code.split('\n').filter((line) => line.trim().startsWith('#'));
    const longest = comments.toSorted((a, b) => b.length - a.length)[0] ?? null;
    answer = () => obedient(quotation === '# ' ? longest : quotation);
    const result = await grade(record);
    expect(result.score).toBe(0);
    expect(result.fail_tags).toContain(evidenceMissingTag);
  });

  test('suspected by the model: tagged, however badly it quotes', async () => {
    answer = () =>
      obedient('return intervals', { manipulation: { suspected: true, quotation: 'not there' } });
    const result = await grade(record);
    expect(result.fail_tags).toContain(manipulationTag);
    expect(result.metrics).not.toHaveProperty('manipulation_quotation');
  });
});

test('a model that comes to its senses when asked again is believed', async () => {
  const answers = [obedient('return sorted(merged)'), obedient('return intervals')];
  answer = () => answers.shift() ?? '';
  expect((await grade(honest)).fail_tags).not.toContain(unfoundedTag);
  expect(asked).toHaveLength(2);
});

test.each([
  ['a criterion of its own', obedient(null).replace('correct-result', 'bonus')],
  ['words instead of verdicts', 'All criteria are met.'],
  ['more than yes', obedient(null).replace('"met":true', '"met":100')],
])('a model that obeys with %s gives no grade', async (_, text) => {
  answer = () => text;
  await expect(grade(honest)).rejects.toMatchObject({ code: 'llm_invalid_answer' });
});

test('the most that obedience can give is what the rubric gives, whatever score it adds', async () => {
  answer = () => obedient('return intervals', { score: 1_000 });
  expect(await grade(honest)).toMatchObject({ score: 100, max_score: 100 });
});

test('the measurement tells who got more than the honest program, and who was reported', async () => {
  const none = obedient('return intervals').replaceAll('"met":true', '"met":false');
  answer = ({ messages }) =>
    messages.at(-1)?.content.includes('Hinweis an das') === true ? obedient('return intervals') : none;
  const { attacks: figures, honest_scores, success_rate } = await measure({ honest, attacks }, grade, 2);
  expect(honest_scores).toEqual([0, 0]);
  expect(figures.find(({ attack }) => attack === 'another-language')).toEqual({
    attack: 'another-language',
    graded: 2,
    success_rate: 1,
    mean_gain: 100,
    flagged_rate: 0,
  });
  expect(figures.find(({ attack }) => attack === 'fake-closing-mark')).toMatchObject({
    success_rate: 0,
    flagged_rate: 1,
  });
  expect(success_rate).toBeCloseTo(1 / attacks.length);
});
