import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ExitCode, runnerRecordKey } from '@cloudemy/contracts';
import { recordKeyOf, sealRecord } from '@cloudemy/grading';
import { type LocalLlm, startLocalLlm } from '@cloudemy/emulator-llm';
import { type StartedRedis, startRedis } from '@cloudemy/emulator-stack';
import { Redis } from 'ioredis';
import { recordOf } from './testing/record.js';
import { runBundle, startBundle } from './testing/run-bundle.js';
import { TestBackend } from './testing/test-backend.js';

const record = recordOf();
/** A JWT in form; the runner reads its attempt and leaves the rest to the backend. */
const token = `x.${Buffer.from(JSON.stringify({ attempt: 1 })).toString('base64url')}.x`;
const apiKey = 'sk-very-secret';

const secret = 'what the backend derives the keys of records from';
const owner = { submissionId: record.submission_id, attempt: 1 };
const recordKey = recordKeyOf(secret, owner);
/** As the backend of this attempt would write it. */
const sealed = (value: unknown): string =>
  sealRecord(typeof value === 'string' ? value : JSON.stringify(value), recordKey, owner);

let llm: LocalLlm;
let redis: StartedRedis;
let store: Redis;
let backend: TestBackend;

beforeAll(async () => {
  [llm, redis] = await Promise.all([startLocalLlm(), startRedis()]);
  store = new Redis(redis.url);
});
afterAll(async () => {
  await store.quit();
  await Promise.all([llm.close(), redis.close()]);
});
beforeEach(async () => {
  backend = await TestBackend.start(record, token);
  await store.set(runnerRecordKey(record.submission_id), sealed(record));
});
afterEach(async () => {
  await backend.close();
});

const env = (changes: Record<string, string> = {}): Record<string, string> => ({
  SUBMISSION_ID: record.submission_id,
  REDIS_URL: redis.url,
  BACKEND_INTERNAL_URL: backend.url,
  INTERNAL_RESULT_TOKEN: token,
  RECORD_KEY: recordKey,
  LLM_API_KEY: apiKey,
  LLM_BASE_URL: llm.url,
  LLM_MAX_RETRIES: '0',
  REQUEST_ID: 'request-1',
  ...changes,
});

describe('a submission is graded', () => {
  test('from Redis, with score, feedback, evidence and metrics, and a log without code or keys', async () => {
    const { code, output } = await runBundle(env());
    expect(output).toContain('loaded from Redis');
    expect(code).toBe(ExitCode.done);
    expect(backend.results).toEqual([
      expect.objectContaining({ status: 'graded', attempt: 1, score: 100, max_score: 100, fail_tags: [] }),
    ]);
    const [result] = backend.results;
    if (result?.status !== 'graded') throw new Error('not graded');
    expect(result.feedback).toContain('Correct result (60/60)');
    expect(
      result.criteria.map(({ evidence }) => evidence).every((text) => record.code.includes(text ?? '?')),
    ).toBe(true);
    expect(result.metrics).toMatchObject({ model: 'emulator', cost_usd: null, retries: 0 });
    expect(result.metrics.total_tokens).toBeGreaterThan(0);
    const [exchange] = result.transcript?.exchanges ?? [];
    expect(exchange).toMatchObject({ repeats: 0, end: 'whole', parameters: { structure: 'json_schema' } });
    expect(exchange?.messages.map(({ role }) => role)).toEqual(['system', 'user']);
    expect(exchange?.answers[0]?.content).toContain('verdicts');
    expect(backend.calls).toContain('started');
    expect(backend.requestIds).toEqual(new Set(['request-1']));
    for (const secret of [apiKey, token, 'arithmetic']) expect(output).not.toContain(secret);
    for (const line of output.trim().split('\n')) {
      expect(JSON.parse(line)).toMatchObject({
        submission_id: record.submission_id,
        request_id: 'request-1',
      });
    }
  });

  test.each([
    ['is missing', undefined],
    ['is malformed', sealed('{"submission_id": 1}')],
    ['is no JSON', sealed('def mean(values):')],
    ['says another attempt', sealed({ ...record, attempt: 2 })],
  ])('from the backend when the record in Redis %s', async (_, value) => {
    if (value === undefined) await store.del(runnerRecordKey(record.submission_id));
    else await store.set(runnerRecordKey(record.submission_id), value);
    const { code, output } = await runBundle(env());
    expect(output).toContain('loaded from the backend');
    expect(output).not.toContain('def mean');
    expect(code).toBe(ExitCode.done);
    expect(backend.results[0]).toMatchObject({ status: 'graded', score: 100 });
  });

  describe('from the backend when the record in Redis was not written for this attempt', () => {
    const forged = { ...record, code: 'return intervals' };
    const older = { ...owner, attempt: 2 };
    const other = { ...owner, submissionId: '66f0c0ffee00000000000009' };
    test.each([
      ['but by who can write to Redis', JSON.stringify(forged)],
      ['but before records were sealed', JSON.stringify(record)],
      ['but for another attempt', sealRecord(JSON.stringify(forged), recordKeyOf(secret, older), older)],
      ['but for another submission', sealRecord(JSON.stringify(forged), recordKeyOf(secret, other), other)],
      ['but with the secret of before', sealRecord(JSON.stringify(record), recordKeyOf('x', owner), owner)],
      ['but half', sealed(record).slice(0, -9)],
    ])('%s', async (_, value) => {
      await store.set(runnerRecordKey(record.submission_id), value);
      const { code, output } = await runBundle(env());
      expect(code).toBe(ExitCode.done);
      expect(output).toContain('was not sealed for this attempt');
      expect(output).toContain('loaded from the backend');
      expect(backend.results[0]).toMatchObject({
        status: 'graded',
        score: 100,
        metrics: { record_refused: true },
      });
    });

    test('but the scheduler is of before and gave no key', async () => {
      await store.set(runnerRecordKey(record.submission_id), JSON.stringify(forged));
      const { output } = await runBundle(env({ RECORD_KEY: '' }));
      expect(output).toContain('loaded from the backend');
      expect(backend.results[0]).toMatchObject({ score: 100 });
    });
  });

  test('from the backend when Redis is down', async () => {
    const { code } = await runBundle(env({ REDIS_URL: 'redis://127.0.0.1:1' }));
    expect(code).toBe(ExitCode.done);
    expect(backend.results[0]).toMatchObject({ status: 'graded' });
  });

  test('after the model failed twice', async () => {
    const { code } = await runBundle(env({ LLM_MODEL: 'gpt-4o-mini#flaky', LLM_MAX_RETRIES: '2' }));
    expect(code).toBe(ExitCode.done);
    expect(backend.results[0]).toMatchObject({ status: 'graded', metrics: { retries: 2 } });
  });

  test('although the start could not be reported', async () => {
    backend.scripted.started.push({ status: 503 });
    const { code } = await runBundle(env());
    expect(code).toBe(ExitCode.done);
    expect(backend.results[0]).toMatchObject({ status: 'graded' });
  });
});

describe('a model that does not grade ends in a failed result', () => {
  test.each([
    ['refuse', 'llm_refused', false],
    ['content-filter', 'llm_content_filtered', false],
    ['truncated', 'llm_answer_cut', false],
    ['rubbish', 'llm_invalid_answer', false],
    ['wrong-schema', 'llm_invalid_answer', false],
    ['rate-limit', 'llm_rate_limited', true],
    ['quota', 'llm_quota_exhausted', false],
    ['error-500', 'llm_unavailable', true],
    ['drop', 'llm_unavailable', true],
  ])('%s: %s', async (behaviour, failure, retryable) => {
    const { code, output } = await runBundle(env({ LLM_MODEL: `gpt-4o-mini#${behaviour}` }));
    expect(code).toBe(ExitCode.done);
    expect(backend.results).toEqual([
      expect.objectContaining({
        status: 'failed',
        attempt: 1,
        failure: expect.objectContaining({ code: failure, retryable }),
      }),
    ]);
    expect(output).toContain(failure);
  });

  test.each([
    ['one request', { LLM_TIMEOUT_MS: '200' }],
    ['the whole run', { RUNNER_BUDGET_MS: '1500' }],
  ])('timeout of %s: llm_timeout', async (_, limit) => {
    const { code } = await runBundle(env({ LLM_MODEL: 'gpt-4o-mini#timeout', ...limit }));
    expect(code).toBe(ExitCode.done);
    expect(backend.results[0]).toMatchObject({ failure: { code: 'llm_timeout', retryable: true } });
  });

  test('a refused key: llm_auth_failed', async () => {
    await runBundle(env({ LLM_API_KEY: 'sk-invalid' }));
    expect(backend.results[0]).toMatchObject({ failure: { code: 'llm_auth_failed' } });
  });

  test('nobody there: llm_unavailable', async () => {
    await runBundle(env({ LLM_BASE_URL: 'http://127.0.0.1:1/v1' }));
    expect(backend.results[0]).toMatchObject({ failure: { code: 'llm_unavailable' } });
  });
});

describe('the exit code says what became of the attempt', () => {
  test('the backend is down all the time', async () => {
    const { code } = await runBundle(
      env({ BACKEND_INTERNAL_URL: 'http://127.0.0.1:1/internal', RESULT_RETRIES: '1' }),
    );
    expect(code).toBe(ExitCode.notDelivered);
  });

  test('neither Redis nor the backend is there', async () => {
    const { code } = await runBundle(
      env({ REDIS_URL: 'redis://127.0.0.1:1', BACKEND_INTERNAL_URL: 'http://127.0.0.1:1/internal' }),
    );
    expect(code).toBe(ExitCode.notLoaded);
  });

  test('the backend refuses the token', async () => {
    await store.del(runnerRecordKey(record.submission_id));
    const { code } = await runBundle(env({ INTERNAL_RESULT_TOKEN: 'forged' }));
    expect(code).toBe(ExitCode.tokenRefused);
    expect(backend.results).toEqual([]);
  });

  test('the submission was cancelled: the grading stops at once', async () => {
    backend.scripted.started.push({ status: 409 });
    const { code } = await runBundle(env({ LLM_MODEL: 'gpt-4o-mini#timeout' }));
    expect(code).toBe(ExitCode.done);
    expect(backend.calls).not.toContain('result');
  });

  test('a bad environment is named, and reported when the callback is known', async () => {
    const { code, output } = await runBundle(env({ LLM_TIMEOUT_MS: 'soon', LLM_API_KEY: '' }));
    expect(code).toBe(ExitCode.misconfigured);
    expect(output).toContain('LLM_API_KEY is not set');
    expect(output).toContain('LLM_TIMEOUT_MS: ');
    expect(backend.results[0]).toMatchObject({ failure: { code: 'runner_misconfigured' } });
  });

  test('no environment at all', async () => {
    const { code, output } = await runBundle({});
    expect(code).toBe(ExitCode.misconfigured);
    expect(output).toContain('SUBMISSION_ID is not set');
  });

  test('told to stop while the model thinks: a failed result, quickly', async () => {
    const running = startBundle(env({ LLM_MODEL: 'gpt-4o-mini#timeout' }));
    while (!backend.calls.includes('started')) await new Promise((resolve) => setTimeout(resolve, 20));
    running.kill('SIGTERM');
    const { code } = await running.ended;
    expect(code).toBe(ExitCode.done);
    expect(backend.results[0]).toMatchObject({ failure: { code: 'evicted', retryable: true } });
  });
});
