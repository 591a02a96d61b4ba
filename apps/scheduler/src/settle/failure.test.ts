import { expect, test } from '@jest/globals';
import { byReason } from '@cloudemy/contracts';
import type { JobReason } from '@cloudemy/k8s';
import { failureOf } from './failure.js';

const problem = (reason: JobReason, message = 'something', exitCode?: number) => ({
  reason,
  message,
  canHeal: false,
  ...(exitCode === undefined ? {} : { exitCode }),
});

test.each<[JobReason, string, boolean]>([
  ['image_pull_failed', 'image_pull_failed', true],
  ['image_name_invalid', 'image_name_invalid', false],
  ['secret_missing', 'secret_missing', false],
  ['config_map_missing', 'config_map_missing', false],
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

/** The compiler refuses this when packages/k8s has a trouble that is not here. */
const troubles = {
  image_pull_failed: true,
  image_not_present: true,
  image_name_invalid: true,
  secret_missing: true,
  config_map_missing: true,
  service_account_missing: true,
  container_config_invalid: true,
  volume_not_mounted: true,
  start_error: true,
  runtime_error: true,
  unschedulable: true,
  pod_rejected: true,
  quota_exceeded: true,
  admission_refused: true,
  pod_not_created: true,
  out_of_memory: true,
  deadline_exceeded: true,
  evicted: true,
  preempted: true,
  node_lost: true,
  pod_deleted: true,
  crash_loop: true,
  exit_code: true,
  killed_by_signal: true,
  failed: true,
} satisfies Record<Exclude<JobReason, Healthy>, true>;
type Healthy =
  | 'completed'
  | 'suspended'
  | 'waiting_for_pod'
  | 'waiting_for_node'
  | 'starting'
  | 'running'
  | 'finishing';

test('every trouble that the cluster can have is in the table of failures', () => {
  expect([...byReason.keys()].toSorted()).toEqual(Object.keys(troubles).toSorted());
});
