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

test.each([
  ['SIGKILL', true],
  ['SIGTERM', true],
  ['SIGSEGV', false],
])('a runner ended by %s may be tried again: %s', (signal, retryable) => {
  const killed = { ...problem('killed_by_signal', `ended by ${signal}: {"level":"info"}`), signal };
  const message = `The grader did not finish: its process was ended by ${signal}.`;
  expect(failureOf(killed)).toEqual({ code: 'crashed', message, retryable });
});

test.each<[JobReason, number, string]>([
  ['exit_code', 1, 'The grader did not finish: its process exited with code 1.'],
  ['exit_code', 69, 'The grader could not load the submission: its process exited with code 69.'],
  ['crash_loop', 1, 'The grader did not finish: its process keeps failing.'],
])('students do not read the last words of a runner: %s %s', (reason, exitCode, message) => {
  expect(failureOf(problem(reason, 'exited: {"level":"error","msg":"x"}', exitCode)).message).toBe(message);
});

test('sentences end with one full stop and fit the contract', () => {
  expect(failure('crashed', 'It broke. ', false).message).toBe('It broke.');
  expect(Failure.safeParse(failure('crashed', 'x'.repeat(10_000), false)).success).toBe(true);
});
