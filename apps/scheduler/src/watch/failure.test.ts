import { expect, test } from '@jest/globals';
import { Failure } from '@cloudemy/contracts';
import type { JobReason } from '@cloudemy/k8s';
import { failure, failureOf } from './failure.js';

const problem = (reason: JobReason, message = 'something', exitCode?: number) => ({
  reason,
  message,
  canHeal: false,
  ...(exitCode === undefined ? {} : { exitCode }),
});

test.each<[JobReason, string, boolean]>([
  ['image_pull_failed', 'image_pull_failed', true],
  ['image_name_invalid', 'invalid_image_name', false],
  ['secret_missing', 'missing_secret', false],
  ['config_map_missing', 'missing_config', false],
  ['start_error', 'start_error', false],
  ['runtime_error', 'start_error', true],
  ['container_config_invalid', 'start_error', false],
  ['unschedulable', 'unschedulable', true],
  ['quota_exceeded', 'quota_exceeded', true],
  ['admission_refused', 'admission_refused', false],
  ['out_of_memory', 'out_of_memory', false],
  ['deadline_exceeded', 'deadline_exceeded', true],
  ['evicted', 'evicted', true],
  ['node_lost', 'node_lost', true],
  ['exit_code', 'crashed', false],
  ['pod_deleted', 'job_deleted', true],
])('%s becomes %s', (reason, code, retryable) => {
  expect(failureOf(problem(reason))).toMatchObject({ code, retryable });
});

test.each([
  [69, 'submission_unavailable', true],
  [70, 'internal_error', true],
  [75, 'no_result', true],
  [77, 'runner_misconfigured', false],
  [78, 'runner_misconfigured', false],
  [1, 'crashed', false],
])("the runner's exit code %p means %s", (exitCode, code, retryable) => {
  expect(failureOf(problem('exit_code', `exited with code ${exitCode}`, exitCode))).toMatchObject({
    code,
    retryable,
  });
});

test('sentences end with one full stop and fit the contract', () => {
  expect(failure('crashed', 'It broke. ', false).message).toBe('It broke.');
  expect(Failure.safeParse(failure('crashed', 'x'.repeat(10_000), false)).success).toBe(true);
});
