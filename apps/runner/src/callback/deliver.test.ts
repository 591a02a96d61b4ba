import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createBackend } from '../backend.js';
import { parseCallbackEnv } from '../config.js';
import { ExitCode, failure } from '@cloudemy/contracts';
import { createLogger } from '../log.js';
import { recordOf } from '../testing/record.js';
import { TestBackend } from '../testing/test-backend.js';
import { deliverResult, usualWaits } from './deliver.js';

const record = recordOf();
let backend: TestBackend;
beforeEach(async () => {
  backend = await TestBackend.start(record, 'token');
});
afterEach(async () => {
  await backend.close();
});

async function deliver(retries: number): Promise<ExitCode> {
  const env = parseCallbackEnv({
    SUBMISSION_ID: record.submission_id,
    BACKEND_INTERNAL_URL: backend.url,
    INTERNAL_RESULT_TOKEN: 'token',
  });
  if (env === undefined) throw new Error('the test environment is wrong');
  return await deliverResult(
    { status: 'failed', attempt: 1, failure: failure('llm_refused'), metrics: {} },
    {
      submissionId: record.submission_id,
      token: 'token',
      retries,
      waits: { firstMs: 20, otherMs: 40 },
      backend: createBackend(env),
      log: createLogger('error', {}, () => undefined),
    },
  );
}

test.each([503, 429, 500])('is sent again after a %d', async (status) => {
  backend.scripted.result.push({ status, headers: { 'retry-after': '0' } });
  expect(await deliver(1)).toBe(ExitCode.done);
  expect(backend.results).toHaveLength(1);
});

test('is given up when the retries are used up', async () => {
  backend.scripted.result.push({ status: 503 }, { status: 503 });
  expect(await deliver(1)).toBe(ExitCode.notDelivered);
  expect(backend.calls).toEqual(['result', 'result']);
});

test.each([
  [409, ExitCode.done],
  [422, ExitCode.done],
  [401, ExitCode.tokenRefused],
  [400, ExitCode.notDelivered],
])('is not sent again after a %d', async (status, code) => {
  backend.scripted.result.push({ status });
  expect(await deliver(2)).toBe(code);
  expect(backend.calls).toEqual(['result']);
});

test.each([
  ['a page', { status: 200, headers: { 'content-type': 'text/html' } }],
  ['nothing', { status: 204 }],
  ['JSON that breaks off', { status: 200, text: '{"submission_id"' }],
  ['another success', { status: 202 }],
  ['a redirect', { status: 302 }],
])("is sent again after %s, which is a proxy's and no success", async (_, answer) => {
  backend.scripted.result.push(answer);
  expect(await deliver(1)).toBe(ExitCode.done);
  expect(backend.calls).toEqual(['result', 'result']);
  expect(backend.results).toHaveLength(1);
});

test('was taken by a backend that answers more than is known here', async () => {
  backend.scripted.result.push({ status: 200, text: '{"submission_id":"x","status":"beautiful"}' });
  expect(await deliver(1)).toBe(ExitCode.done);
  expect(backend.calls).toEqual(['result']);
});

test('by default, the two retries outlast a backend that restarts, however short the waits fall', () => {
  const { firstMs, otherMs } = usualWaits;
  expect((firstMs + otherMs) / 2).toBeGreaterThanOrEqual(15_000);
});
