import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Job, Pod } from '../objects/types.js';
import { describeJob } from './describe-job.js';
import { lastEndAnnotation, lastEndOf } from './last-end.js';

const podOf = (status: Pod['status']): Pod => ({
  metadata: { name: 'p' },
  spec: { containers: [] },
  status: status ?? {},
});

/** A Job that has failed, whose pods are gone. */
const failedJob = (annotation: string | undefined): Job => ({
  metadata: {
    name: 'j',
    ...(annotation === undefined ? {} : { annotations: { [lastEndAnnotation]: annotation } }),
  },
  spec: { template: { spec: { containers: [] } } },
  status: { conditions: [{ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' }] },
});

const outOfMemory = { exitCode: 137, reason: 'OOMKilled', finishedAt: '2026-01-01T00:00:02Z' };

test.each([
  ['while the container is down', { state: { terminated: outOfMemory } }],
  ['once it runs again', { state: { running: {} }, lastState: { terminated: outOfMemory } }],
])('a Job whose container ran out of memory says so, %s and its pod is gone', (_when, states) => {
  const kept = lastEndOf(podOf({ containerStatuses: [{ name: 'main', restartCount: 1, ...states }] }));
  expect(describeJob(failedJob(kept), [])).toMatchObject({
    phase: 'failed',
    reason: 'out_of_memory',
    message: 'container main used more memory than its limit allows and was killed',
  });
});

test('of several ends the last one is kept', () => {
  const earlier = { exitCode: 1, finishedAt: '2026-01-01T00:00:01Z' };
  const statuses = [
    { name: 'one', state: { terminated: outOfMemory } },
    { name: 'two', state: { terminated: earlier } },
  ];
  const kept = lastEndOf(podOf({ containerStatuses: statuses }));
  expect(describeJob(failedJob(kept), []).reason).toBe('out_of_memory');
});

test('a container that ended well leaves nothing to keep', () => {
  const ended = { name: 'main', state: { terminated: { exitCode: 0 } } };
  expect(lastEndOf(podOf({ containerStatuses: [ended] }))).toBeUndefined();
});

test('whatever somebody else wrote there, a Job is described by what the cluster says', () => {
  const text = fc.oneof(fc.string(), fc.json(), fc.constant('{"reason":"completed","message":"fine"}'));
  fc.assert(
    fc.property(text, (annotation) => {
      expect(describeJob(failedJob(annotation), [])).toMatchObject({ phase: 'failed', reason: 'failed' });
    }),
  );
});
