import { expect, test } from '@jest/globals';
import { ConfigError } from '@cloudemy/service';
import { readConfig } from './config.js';

const required = { RUNNER_IMAGE: 'runner:1', INTERNAL_SERVICE_TOKEN: 'secret' };

test('the defaults are those of the requirements', () => {
  expect(readConfig(required)).toMatchObject({
    PORT: 8001,
    REDIS_URL: 'redis://redis:6379',
    QUEUE_SUBMISSIONS: { prefix: 'queue', name: 'submissions' },
    K8S_NAMESPACE: 'default',
    BACKEND_INTERNAL_URL: 'http://backend:8000/internal',
    RUNNER_RESTART_POLICY: 'Never',
    RUNNER_BACKOFF_LIMIT: 1,
    RUNNER_ACTIVE_DEADLINE_SECONDS: 120,
    LLM_MODEL: 'gpt-4o-mini',
    MAX_JOBS_IN_FLIGHT: 100,
  });
});

test.each([
  ['RUNNER_IMAGE', undefined],
  ['INTERNAL_SERVICE_TOKEN', ''],
  ['QUEUE_SUBMISSIONS', 'submissions'],
  ['REDIS_URL', 'http://redis'],
  ['K8S_NAMESPACE', 'Not_A_Name'],
  ['INSTANCE', 'The second'],
  ['RUNNER_RESTART_POLICY', 'Always'],
  ['RUNNER_BACKOFF_LIMIT', '-1'],
  ['RUNNER_MEMORY_LIMIT', 'lots'],
  ['MAX_JOBS_IN_FLIGHT', '0'],
  ['LLM_TEMPERATURE', '3'],
  ['LLM_BASE_URL', 'not a url'],
])('names %s when it is %p', (name, value) => {
  expect(() => readConfig({ ...required, [name]: value })).toThrow(ConfigError);
  expect(() => readConfig({ ...required, [name]: value })).toThrow(`${name}:`);
});
