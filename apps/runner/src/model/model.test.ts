import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type FailureCode, RunnerEnv } from '@cloudemy/contracts';
import fc from 'fast-check';
import { GradingError, failureOf } from '../grade/grading-error.js';
import { gradeSubmission } from '../grade/grade.js';
import { createLogger } from '../log.js';
import { recordOf } from '../testing/record.js';
import { type ModelRequest, type RawAnswer, completionOf, startTestModel } from '../testing/test-model.js';
import { Meter } from './meter.js';
import { Model } from './model.js';

const record = recordOf();
const ids = record.assignment.rubric.criteria.map(({ criterion_id }) => criterion_id);
const answer = JSON.stringify({
  verdicts: ids.map((criterion_id) => ({
    criterion_id,
    reason: 'it does',
    evidence: 'return sum(values) / len(values)',
    met: true,
  })),
  manipulation: { suspected: false, quotation: null },
  summary: 'Good.',
});

const asked: ModelRequest[] = [];
let reply: (body: ModelRequest) => RawAnswer;
let endpoint: Awaited<ReturnType<typeof startTestModel>>;
beforeAll(async () => {
  endpoint = await startTestModel((body) => {
    asked.push(body);
    return { raw: reply(body) };
  });
});
afterAll(() => endpoint.close());
beforeEach(() => {
  asked.length = 0;
});

const lines: string[] = [];
async function grade(changes: Record<string, string> = {}) {
  const env = RunnerEnv.parse({
    SUBMISSION_ID: record.submission_id,
    REDIS_URL: 'redis://127.0.0.1:1',
    BACKEND_INTERNAL_URL: 'http://127.0.0.1:1',
    INTERNAL_RESULT_TOKEN: 'token',
    LLM_API_KEY: 'sk-very-secret',
    LLM_BASE_URL: endpoint.url,
    LLM_MAX_RETRIES: '0',
    ...changes,
  });
  const meter = new Meter({ own: { input: 1, output: 2 }, openai: false });
  lines.length = 0;
  const log = createLogger('info', {}, (line) => void lines.push(line));
  const model = new Model(env, meter, log, () => 60_000);
  return await gradeSubmission(record, { model, meter, log, signal: new AbortController().signal });
}

/** What the backend would be told. */
async function failure(changes: Record<string, string> = {}) {
  const error: unknown = await grade(changes).then(
    () => new Error('it was graded'),
    (thrown: unknown) => thrown,
  );
  return failureOf(error);
}

const json = (value: unknown, more: Partial<RawAnswer> = {}): RawAnswer => ({
  body: JSON.stringify(value),
  ...more,
});
const says = (message: unknown, besides?: Record<string, unknown>) => json(completionOf(message, besides));
const refuses = (status: number, error: unknown, headers: Record<string, string> = {}): RawAnswer =>
  json({ error }, { status, headers });

describe('an answer is graded at the first request, wherever the server puts it', () => {
  const call = { type: 'function', function: { name: 'verdict', arguments: answer } };
  test.each<[string, unknown]>([
    ['the content', { content: answer }],
    [
      'parts',
      {
        content: [
          { type: 'thinking', text: 'hm' },
          { type: 'text', text: answer },
        ],
      },
    ],
    [
      'parts that are cut in two',
      { content: [answer.slice(0, 9), answer.slice(9)].map((text) => ({ text })) },
    ],
    ['JSON that is parsed already', { content: JSON.parse(answer) }],
    ['a tool call', { content: null, tool_calls: [call] }],
    ['a tool call with parsed arguments', { tool_calls: [{ function: { arguments: JSON.parse(answer) } }] }],
    ['the call of old', { function_call: call.function }],
    ['the thoughts', { content: '', reasoning_content: `I think. ${answer}` }],
    ['thoughts of another name', { content: null, reasoning: answer }],
    [
      'the content, after thoughts of another place',
      { reasoning_content: '{"verdicts": []}', content: answer },
    ],
  ])('%s', async (_, message) => {
    reply = () => says(message);
    expect(await grade()).toMatchObject({ score: 100, metrics: { retries: 0, total_tokens: 1_100 } });
    expect(asked).toHaveLength(1);
  });

  test.each<[string, RawAnswer]>([
    ['compressed', { ...says({ content: answer }), headers: { 'content-encoding': 'gzip' } }],
    ['with a byte order mark', { body: `\ufeff${says({ content: answer }).body.toString()}` }],
    ['as a text', { ...says({ content: answer }), headers: { 'content-type': 'text/plain' } }],
    ['of a completion', json({ choices: [{ text: answer }] })],
  ])('and %s', async (name, raw) => {
    reply = () => {
      if (name !== 'compressed') return raw;
      const body = gzipSync(raw.body);
      return { ...raw, body };
    };
    expect(await grade()).toMatchObject({ score: 100 });
  });

  test.each<[string, unknown]>([
    ['absurd', { prompt_tokens: 1e300, completion_tokens: -1, total_tokens: null }],
    ['a list', []],
    ['a word', 'many'],
  ])('with a usage that is %s', async (_, usage) => {
    reply = () => says({ content: answer }, { usage });
    const { metrics } = await grade();
    expect(metrics).not.toHaveProperty('total_tokens');
  });
});

describe('what the endpoint does not know is left out, and stays so', () => {
  test.each<[string, (body: ModelRequest) => unknown]>([
    ['response_format', (body) => body['response_format'] && 'this model knows no response_format'],
    [
      'schemas',
      (body) => JSON.stringify(body['response_format'])?.includes('schema') && 'failed to parse grammar',
    ],
    [
      'the system',
      ({ messages }) => messages.some(({ role }) => role === 'system') && 'System role not supported',
    ],
    [
      'two messages of one role',
      ({ messages }) =>
        messages.some(({ role }, at) => role === messages[at - 1]?.role) &&
        'roles must alternate user/assistant',
    ],
    ['temperature', (body) => 'temperature' in body && "Unsupported value: 'temperature'"],
    [
      'limits',
      (body) =>
        JSON.stringify(Object.keys(body)).includes('max') &&
        'unknown field max_completion_tokens or max_tokens',
    ],
    [
      'anything, and says so in no words we know',
      (body) => (body['response_format'] || 'temperature' in body) && 'Parametro inatteso',
    ],
  ])('%s', async (_, complaint) => {
    const texts = ['Well.', answer];
    reply = (body) => {
      const message = complaint(body);
      if (typeof message === 'string') return refuses(400, { message, type: 'invalid_request_error' });
      return says({ content: texts.shift() ?? answer });
    };
    expect(await grade()).toMatchObject({ score: 100 });
    // The second question begins where the first ended.
    expect(complaint(asked.at(-1) ?? { messages: [] })).toBeFalsy();
    expect(complaint(asked.at(-2) ?? { messages: [] })).toBeFalsy();
  });
});

describe('the failure says whose fault it is', () => {
  const quota = 'You exceeded your current quota, please check your plan and billing details.';
  test.each<[string, RawAnswer, FailureCode]>([
    [
      'a model that is not there',
      refuses(404, { message: 'no model of the name "x" is here' }),
      'llm_model_unknown',
    ],
    ['a model by its code', refuses(404, { code: 'model_not_found', message: 'x' }), 'llm_model_unknown'],
    ['no such route', { status: 404, body: '<h1>404</h1>' }, 'llm_endpoint_unusable'],
    ['a method that is not allowed', { status: 405, body: '' }, 'llm_endpoint_unusable'],
    [
      'a redirect',
      { status: 301, headers: { location: 'https://x.test/' }, body: '' },
      'llm_endpoint_unusable',
    ],
    ['a refusal of everything', refuses(400, { message: 'nein' }), 'llm_endpoint_unusable'],
    ['a refused key', refuses(401, { message: 'Incorrect API key' }), 'llm_auth_failed'],
    ['a rate limit', refuses(429, { message: 'slow down' }), 'llm_rate_limited'],
    ['a spent quota', refuses(429, { code: 'insufficient_quota', message: quota }), 'llm_quota_exhausted'],
    [
      'a spent quota in a list',
      json([{ error: { code: 429, message: quota, status: 'RESOURCE_EXHAUSTED' } }], { status: 429 }),
      'llm_quota_exhausted',
    ],
    ['nothing paid', refuses(402, { message: 'Insufficient credits' }), 'llm_quota_exhausted'],
    [
      'a prompt that is too long',
      refuses(400, { code: 'context_length_exceeded', message: 'x' }),
      'llm_request_rejected',
    ],
    ['a body that is too large', { status: 413, body: 'too large' }, 'llm_request_rejected'],
    ['a content filter', refuses(400, { code: 'content_filter', message: 'x' }), 'llm_content_filtered'],
    ['an overload', refuses(529, { message: 'overloaded' }), 'llm_unavailable'],
    ['a rate limit in a 200', refuses(200, { code: 429, message: 'busy' }), 'llm_rate_limited'],
    ['nothing paid in a 200', refuses(200, { code: 402, message: 'x' }), 'llm_quota_exhausted'],
    [
      'a spent quota in a 200, as a list',
      json([{ error: { code: 429, message: quota } }]),
      'llm_quota_exhausted',
    ],
    ['words in a 200', json({ error: 'the engine is gone' }), 'llm_unavailable'],
    [
      'an error in a choice',
      json({ choices: [{ error: { code: 'rate_limit_exceeded', message: 'x' } }] }),
      'llm_rate_limited',
    ],
    ['null', json(null), 'llm_unavailable'],
    ['a page', { body: '<html>hello</html>', headers: { 'content-type': 'text/html' } }, 'llm_unavailable'],
    ['nothing', { body: '' }, 'llm_unavailable'],
    [
      'what is not compressed as it says',
      { body: 'x', headers: { 'content-encoding': 'gzip' } },
      'llm_unavailable',
    ],
    ['a body that breaks off', { body: '{"choices"', reset: true }, 'llm_unavailable'],
    ['an empty message', says({ content: '' }), 'llm_invalid_answer'],
    ['no message', json({ choices: [{}] }), 'llm_invalid_answer'],
    ['a null for a choice', json({ choices: [null] }), 'llm_invalid_answer'],
    ['a refusal', says({ refusal: 'No.' }), 'llm_refused'],
    [
      'a filter',
      json({ choices: [{ finish_reason: 'content_filter', message: {} }] }),
      'llm_content_filtered',
    ],
  ])('%s', async (_, raw, code) => {
    reply = () => raw;
    const told = await failure();
    expect(told).toMatchObject({ code });
    expect(told.detail).toContain(code === 'llm_invalid_answer' ? 'cannot be used' : '127.0.0.1');
    expect(JSON.stringify(told)).not.toContain('sk-very-secret');
  });

  test('what is refused for no reason that is known is this submission’s, when another question is answered', async () => {
    reply = ({ messages }) =>
      JSON.stringify(messages).includes('def mean')
        ? refuses(400, { message: 'nein' })
        : says({ content: '{"ok": true}' });
    expect(await failure()).toMatchObject({ code: 'llm_request_rejected', retryable: false });
  });

  test('a host that is not there, by its name', async () => {
    const gone = await startTestModel(() => ({ text: '' }));
    await gone.close();
    const told = await failure({ LLM_BASE_URL: gone.url });
    expect(told).toMatchObject({ code: 'llm_unavailable', retryable: true });
    expect(told.detail).toMatch(/^127\.0\.0\.1:\d+ cannot be reached: ECONNREFUSED/);
  });

  test('the same nonsense twice is no chance, other nonsense may be', async () => {
    reply = () => says({ content: 'Well done!' });
    expect(await failure()).toMatchObject({ code: 'llm_invalid_answer', retryable: false });
    expect(lines.join('')).toContain('"begins":"Well done!"');
    const texts = ['Well done!', ''];
    reply = () => says({ content: texts.shift() });
    expect(await failure()).toMatchObject({ code: 'llm_invalid_answer', retryable: true });
  });

  test('whatever comes: never a fault of the runner', async () => {
    const bodies = fc.oneof(
      fc.json(),
      fc.string({ unit: 'binary' }),
      fc.anything().map((message) => JSON.stringify(completionOf(message)) ?? ''),
      fc.jsonValue().map((error) => JSON.stringify({ error })),
      fc.jsonValue().map((choices) => JSON.stringify({ choices })),
    );
    const statuses = fc.constantFrom(200, 201, 204, 301, 400, 401, 404, 418, 422, 429, 500, 503);
    await fc.assert(
      fc.asyncProperty(statuses, bodies, async (status, body) => {
        reply = () => ({ status, body: status === 204 ? '' : body });
        expect((await failure()).code).toMatch(/^llm_/);
      }),
      { numRuns: 150 },
    );
  });
});

describe('an answer that its limit cut', () => {
  const cut = (content: string) => json({ choices: [{ finish_reason: 'length', message: { content } }] });

  test('is asked for once more, with more room', async () => {
    reply = (body) => (body['max_completion_tokens'] === 4_096 ? cut('') : says({ content: answer }));
    expect(await grade()).toMatchObject({ score: 100, metrics: { retries: 1 } });
    expect(asked.map((body) => body['max_completion_tokens'])).toEqual([4_096, 16_384]);
  });

  test('and cut again is said so, and not tried as chance', async () => {
    reply = () => cut('<think>Hm');
    const told = await failure();
    expect(told).toMatchObject({ code: 'llm_answer_cut', retryable: false });
    expect(told.detail).toContain('LLM_MAX_TOKENS');
    expect(asked).toHaveLength(2);
  });

  test('is taken when only what follows it was cut', async () => {
    reply = () => cut(`${answer} And now`);
    expect(await grade()).toMatchObject({ score: 100 });
    expect(asked).toHaveLength(1);
  });
});

describe('how long to wait', () => {
  test.each<[string, RawAnswer]>([
    ['in seconds', refuses(429, { message: 'x' }, { 'retry-after': '60' })],
    ['in milliseconds', refuses(503, { message: 'x' }, { 'retry-after-ms': '59500' })],
    ['among details', refuses(429, { message: 'quota', details: [{ '@type': 'x' }, { retryDelay: '60s' }] })],
  ])('is handed on, %s', async (_, raw) => {
    reply = () => raw;
    expect(await failure({ LLM_MAX_RETRIES: '5' })).toMatchObject({
      retry_after_seconds: 60,
      retryable: true,
    });
    expect(asked).toHaveLength(1);
  });
});

describe('another API', () => {
  test('responses', async () => {
    reply = () =>
      json({
        status: 'completed',
        model: 'r',
        output: [
          { type: 'reasoning', summary: [] },
          { type: 'message', content: [{ type: 'output_text', text: answer }] },
        ],
        usage: { input_tokens: 10, output_tokens: 5, total_tokens: 15 },
      });
    const { metrics } = await grade({ LLM_API: 'responses' });
    expect(metrics).toMatchObject({ model: 'r', total_tokens: 15 });
    expect(asked[0]).toMatchObject({ text: { format: { type: 'json_schema' } }, max_output_tokens: 4_096 });
  });

  test('plain HTTP', async () => {
    reply = () => ({ body: answer });
    expect(await grade({ LLM_API: 'plain' })).toMatchObject({ score: 100 });
  });
});

test('an error of the grader is no grading error', () => {
  expect(failureOf(new TypeError('x'))).toMatchObject({ code: 'internal_error' });
  expect(failureOf(new GradingError('llm_refused', 'x')).detail).toBe('x');
});
