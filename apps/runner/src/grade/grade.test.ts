import { afterEach, expect, test } from '@jest/globals';
import { Metrics, RunnerEnv } from '@cloudemy/contracts';
import { startLocalLlm } from '@cloudemy/emulator-llm';
import { createLogger } from '../log.js';
import { recordOf } from '../testing/record.js';
import { type ModelRequest, type Reply, startTestModel } from '../testing/test-model.js';
import { gradeSubmission } from './grade.js';
import { Meter } from '../model/meter.js';
import { Model } from '../model/model.js';

const record = recordOf();
const log = createLogger('error', {}, () => undefined);
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function grade(url: string) {
  const env = RunnerEnv.parse({
    SUBMISSION_ID: record.submission_id,
    REDIS_URL: 'redis://127.0.0.1:1',
    BACKEND_INTERNAL_URL: 'http://127.0.0.1:1',
    INTERNAL_RESULT_TOKEN: 'token',
    LLM_API_KEY: 'key',
    LLM_BASE_URL: url,
    LLM_MAX_RETRIES: '0',
  });
  const meter = new Meter({ own: { input: 1, output: 2 }, openai: false });
  const model = new Model(env, meter, log, () => 60_000);
  return await gradeSubmission(record, { model, meter, log, signal: new AbortController().signal });
}

const endpoint = async (reply: Reply): Promise<string> => {
  const started = await startTestModel(reply);
  closing.push(() => started.close());
  return started.url;
};

const answerOf = (ids: string[]): string =>
  JSON.stringify({
    verdicts: ids.map((criterion_id) => ({
      criterion_id,
      reason: 'r',
      evidence: 'return sum(values) / len(values)',
      met: true,
    })),
    manipulation: { suspected: false, quotation: null },
    summary: 's',
  });
const ids = record.assignment.rubric.criteria.map(({ criterion_id }) => criterion_id);

test('an endpoint that knows neither schemas nor newer parameters is asked in simpler terms', async () => {
  const seen: ModelRequest[] = [];
  const url = await endpoint((body) => {
    seen.push(body);
    if (JSON.stringify(body['response_format']).includes('json_schema')) {
      return { complaint: "unknown type in 'response_format'" };
    }
    if ('max_completion_tokens' in body) return { complaint: 'unknown field max_completion_tokens' };
    if ('temperature' in body) return { complaint: "'temperature' is not supported" };
    return { text: `\`\`\`json\n${answerOf(ids)}\n\`\`\`` };
  });
  const result = await grade(url);
  expect(result).toMatchObject({
    score: 100,
    metrics: { retries: 3, cost_usd: 0.0012, evidence_missing: 0 },
  });
  expect(seen.at(-1)).toMatchObject({ response_format: { type: 'json_object' }, max_tokens: 4_096 });
  expect(seen.at(-1)?.messages.at(-1)?.content).toContain('JSON Schema');
});

test('any other complaint is final', async () => {
  const url = await endpoint(() => ({ complaint: 'the prompt is too long' }));
  await expect(grade(url)).rejects.toMatchObject({ code: 'llm_request_rejected' });
});

test.each([
  ['leaves out a criterion', answerOf(ids.slice(1)), `there is no verdict for ${ids[0]}`],
  ['judges one twice', answerOf([...ids, ...ids.slice(1, 2)]), `more than one verdict for ${ids[1]}`],
  ['invents one', answerOf([...ids, 'invented']), 'does not fit the schema'],
  ['is no JSON', 'Well done!', 'it is not JSON'],
])('an answer that %s is mended once, and both are paid for', async (_, wrong, fault) => {
  const texts = [wrong, answerOf(ids)];
  const said: string[] = [];
  const url = await endpoint((body) => {
    said.push(body.messages.at(-1)?.content ?? '');
    return { text: texts.shift() ?? '' };
  });
  expect(await grade(url)).toMatchObject({ score: 100, metrics: { retries: 1, total_tokens: 2_200 } });
  expect(said[1]).toContain(fault);
});

test('an answer that stays wrong is no grade', async () => {
  const url = await endpoint(() => ({ text: answerOf([]) }));
  await expect(grade(url)).rejects.toMatchObject({ code: 'llm_invalid_answer' });
});

test.each<[string, Record<string, unknown>]>([
  ['is left out', { usage: undefined }],
  ['is null', { usage: null }],
  ['is negative', { usage: { prompt_tokens: -1, completion_tokens: 100, total_tokens: 99 } }],
  ['is no whole number', { usage: { prompt_tokens: 1.5, completion_tokens: 100, total_tokens: 101.5 } }],
  ['is text', { usage: { prompt_tokens: '1000', completion_tokens: '100', total_tokens: '1100' } }],
  ['lacks the total', { usage: { prompt_tokens: 1_000, completion_tokens: 100 } }],
])('a grade whose usage %s counts, without tokens or cost', async (_, besides) => {
  const result = await grade(await endpoint(() => ({ text: answerOf(ids), besides })));
  expect(result).toMatchObject({ score: 100, metrics: { model: 'm' } });
  expect(Metrics.parse(result.metrics)).toEqual(result.metrics);
  for (const figure of ['prompt_tokens', 'total_tokens', 'cost_usd']) {
    expect(result.metrics).not.toHaveProperty(figure);
  }
});

test.each<[string, unknown, string | undefined]>([
  ['is left out', undefined, undefined],
  ['is no text', 7, undefined],
  ['is longer than the contract takes', 'm'.repeat(500), 'm'.repeat(200)],
])('a grade by a model whose name %s counts', async (_, model, named) => {
  const result = await grade(await endpoint(() => ({ text: answerOf(ids), besides: { model } })));
  expect(result.score).toBe(100);
  expect(result.metrics.total_tokens).toBe(1_100);
  expect(Metrics.parse(result.metrics).model).toBe(named);
});

test('the emulator is asked with strict structured output at the first try', async () => {
  const llm = await startLocalLlm();
  closing.push(() => llm.close());
  expect(await grade(llm.url)).toMatchObject({ score: 100, metrics: { retries: 0, model: 'emulator' } });
});
