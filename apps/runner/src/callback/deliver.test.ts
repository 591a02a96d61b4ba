import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createBackend } from '../backend.js';
import { parseCallbackEnv } from '../config.js';
import { ExitCode, failure } from '@cloudemy/contracts';
import { createLogger } from '../log.js';
import { recordOf } from '../testing/record.js';
import { TestBackend } from '../testing/test-backend.js';
import { deliverResult } from './deliver.js';

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
