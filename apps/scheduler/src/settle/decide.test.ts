import { expect, test } from '@jest/globals';
import { describeJob } from '@cloudemy/k8s';
import {
  complete,
  exited,
  failedByBackoff,
  jobOf,
  newId,
  podOf,
  waiting,
  warningAbout,
} from '../testing/fixtures.js';
import { testConfig } from '../testing/test-config.js';
import { gracePeriodsOf } from './grace-period.js';
import { type JobMemory, decide } from './decide.js';

const rules = { gracePeriod: gracePeriodsOf(testConfig()), resultGraceMs: 5_000 };
const memory = (): JobMemory => ({ troubles: new Map(), settled: false });
const job = jobOf(newId());
const pulling = describeJob(job, [podOf(job, waiting('ImagePullBackOff', 'manifest unknown'))]);

test('a Job that has completed is given time for its result to arrive', () => {
  const ended = describeJob(jobOf(newId(), [complete]), []);
  const seen = memory();
  expect(decide(ended, seen, rules, 1_000)).toEqual({ kind: 'wait', againMs: 5_000 });
  expect(decide(ended, seen, rules, 3_000)).toEqual({ kind: 'wait', againMs: 3_000 });
  expect(decide(ended, seen, rules, 6_000)).toMatchObject({ kind: 'ended', failure: { code: 'no_result' } });
});

test('a failed Job has ended once its pods have, or some time later', () => {
  const failing = jobOf(newId(), [{ ...failedByBackoff, type: 'FailureTarget' }]);
  const outcome = describeJob(failing, [podOf(failing, exited(1))]);
  const seen = memory();
  expect(decide(outcome, seen, rules, 0)).toMatchObject({ kind: 'wait' });
  expect(decide(outcome, seen, rules, 10_000)).toMatchObject({ kind: 'ended', failure: { code: 'crashed' } });
  const done = jobOf(newId(), [failedByBackoff]);
  expect(decide(describeJob(done, [podOf(done, exited(1))]), memory(), rules, 0)).toMatchObject({
    kind: 'ended',
  });
});

test('trouble that can heal is shown once it lasts, until its grace period ends', () => {
  const seen = memory();
  expect(decide(pulling, seen, rules, 0)).toEqual({ kind: 'wait', againMs: 1_000 });
  expect(decide(pulling, seen, rules, 1_000)).toMatchObject({
    kind: 'waiting',
    code: 'image_pull_failed',
    againMs: 59_000,
  });
  expect(decide(pulling, seen, rules, 59_999)).toMatchObject({ kind: 'waiting', againMs: 1 });
  expect(decide(pulling, seen, rules, 60_000)).toMatchObject({
    kind: 'give_up',
    failure: { code: 'image_pull_failed' },
  });
});

test('the grace period is per trouble, and begins again once the pod has run', () => {
  const seen = memory();
  decide(pulling, seen, rules, 0);
  const noSecret = describeJob(job, [
    podOf(job, waiting('CreateContainerConfigError', 'secret "cloudemy-llm" not found')),
  ]);
  decide(noSecret, seen, rules, 58_000);
  expect(decide(noSecret, seen, rules, 59_000)).toMatchObject({ code: 'secret_missing', againMs: 59_000 });
  const running = podOf(job, {
    phase: 'Running',
    containerStatuses: [{ name: 'runner', state: { running: {} } }],
  });
  expect(decide(describeJob(job, [running]), seen, rules, 60_000)).toEqual({ kind: 'running' });
  decide(pulling, seen, rules, 61_000);
  expect(decide(pulling, seen, rules, 62_000)).toMatchObject({ kind: 'waiting', againMs: 59_000 });
});

test('trouble that cannot heal is the end at once', () => {
  const outcome = describeJob(job, [podOf(job, waiting('InvalidImageName'))]);
  expect(decide(outcome, memory(), rules, 0)).toMatchObject({
    kind: 'give_up',
    failure: { code: 'image_name_invalid', retryable: false },
  });
});

test('a pod that is merely starting is waited for', () => {
  const outcome = describeJob(job, [podOf(job, waiting('ContainerCreating'))]);
  expect(decide(outcome, memory(), rules, 0)).toEqual({ kind: 'wait' });
});

test('a pod that could not even be created is shown by what the events say', () => {
  const words = 'Error creating: pods "x" is forbidden: exceeded quota: few, requested: pods=1, used: pods=2';
  const outcome = describeJob(job, [], [warningAbout(job, 'FailedCreate', words)]);
  const seen = memory();
  decide(outcome, seen, rules, 0);
  expect(decide(outcome, seen, rules, 1_000)).toMatchObject({
    kind: 'waiting',
    code: 'quota_exceeded',
    message: expect.stringContaining('exceeded quota'),
  });
});
