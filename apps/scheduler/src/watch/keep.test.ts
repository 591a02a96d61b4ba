import { expect, test } from '@jest/globals';
import { type Condition, type Job, type PodStatus, describeJob } from '@cloudemy/k8s';
import { buildRunnerJob } from '../create/manifest.js';
import { attemptOf, isFinished, isRunnerJob, jobUidOf } from '../jobs/runner-jobs.js';
import { complete, exited, failedByBackoff, jobOf, newId, podOf, waiting } from '../testing/fixtures.js';
import { testConfig } from '../testing/test-config.js';
import { keptJob, keptPod } from './keep.js';

const deadline: Condition = { type: 'Failed', status: 'True', reason: 'DeadlineExceeded' };
const evicted: PodStatus = { phase: 'Failed', reason: 'Evicted', message: 'The node was low on memory.' };
const unschedulable: PodStatus = {
  phase: 'Pending',
  conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes' }],
};

test.each<[string, Condition[], PodStatus]>([
  ['waits for its image', [], waiting('ImagePullBackOff', 'manifest unknown')],
  ['has no node', [], unschedulable],
  [
    'runs',
    [],
    { phase: 'Running', containerStatuses: [{ name: 'runner', ready: true, state: { running: {} } }] },
  ],
  ['exited', [failedByBackoff], exited(78)],
  ['was evicted', [failedByBackoff], evicted],
  ['took too long', [deadline], exited(143)],
  ['is complete', [complete], exited(0)],
])('of a Job that %s as much is kept as tells how it is', (_how, conditions, status) => {
  const job = jobOf(newId(), conditions);
  const pod = podOf(job, status);
  expect(describeJob(keptJob(job), [keptPod(pod)], [])).toEqual(describeJob(job, [pod], []));
});

test('whose Job and pod it is is kept, and how a deletion or an update is told', () => {
  const job = jobOf(newId(), [complete], 2);
  Object.assign(job.metadata, { resourceVersion: '7', deletionTimestamp: '2026-12-01T00:00:00Z' });
  const kept = keptJob(job);
  expect([attemptOf(kept), isFinished(kept), isRunnerJob(kept, 'cloudemy')]).toEqual([
    attemptOf(job),
    true,
    true,
  ]);
  expect(kept.metadata).toMatchObject({
    uid: job.metadata.uid,
    resourceVersion: '7',
    deletionTimestamp: '2026-12-01T00:00:00Z',
  });
  expect(jobUidOf(keptPod(podOf(job, exited(0))))).toBe(job.metadata.uid);
});

test('of a pod that did its work nothing is kept but whose it is', () => {
  const kept = keptPod(podOf(jobOf(newId(), [complete]), { ...exited(0), phase: 'Succeeded' }));
  expect(kept).toMatchObject({ spec: { containers: [] }, status: { phase: 'Succeeded' } });
  expect(Object.keys(kept.status ?? {})).toEqual(['phase']);
});

test('a finished Job takes little: neither its environment nor its tokens are kept', () => {
  const attempt = {
    submission_id: newId(),
    attempt: 1,
    result_token: 'secret',
    request_id: 'r',
    traceparent: undefined,
  };
  const made: Job = {
    ...buildRunnerJob(testConfig(), attempt),
    status: { conditions: [complete], succeeded: 1 },
  };
  const text = JSON.stringify(keptJob(made));
  expect(text).not.toContain('secret');
  expect(text.length).toBeLessThan(700);
});
