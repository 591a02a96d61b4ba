import { describe, expect, it } from '@jest/globals';
import type { Job, JobSpec, Pod } from '../objects/types.js';
import { describeJob } from './describe-job.js';
import { retryFollows } from './retry-follows.js';

const job = (spec: Partial<JobSpec>, failed?: number, restartPolicy = 'Never'): Job => ({
  metadata: { name: 'job' },
  spec: { template: { spec: { containers: [], restartPolicy } }, ...spec },
  status: failed === undefined ? {} : { failed },
});
const pod: Pod = {
  metadata: { name: 'job-x7x2p' },
  spec: { containers: [{ name: 'main' }] },
  status: {
    phase: 'Failed',
    containerStatuses: [{ name: 'main', state: { terminated: { exitCode: 137, reason: 'OOMKilled' } } }],
  },
};

describe('another try is promised', () => {
  it.each<[string, Job, number, boolean]>([
    ['while the limit is not reached', job({ backoffLimit: 1 }), 1, true],
    ['not after the last one', job({ backoffLimit: 1 }), 2, false],
    ['not after the only one', job({ backoffLimit: 0 }), 1, false],
    ['six times unless the Job says otherwise', job({}), 6, true],
    ['not when only the status remembers the tries', job({ backoffLimit: 2 }, 3), 1, false],
    [
      'not where a failure policy decides',
      job({ backoffLimit: 5, podFailurePolicy: { rules: [] } }),
      1,
      false,
    ],
    ['not where each index has a limit of its own', job({ backoffLimitPerIndex: 1 }), 1, false],
    ['not where restarts inside the pod were the tries', job({ backoffLimit: 5 }, 0, 'OnFailure'), 1, false],
  ])('%s', (_when, one, pods, follows) => {
    const failed = Array.from({ length: pods }, () => pod);
    expect(retryFollows(one, failed)).toBe(follows);
    const { message, reason } = describeJob(one, failed);
    expect(reason).toBe('out_of_memory');
    expect(message.includes('another try follows')).toBe(follows);
  });
});

describe('a suspended Job', () => {
  it('names the queue that holds it back', () => {
    const suspended = job({ suspend: true });
    suspended.metadata.labels = { 'kueue.x-k8s.io/queue-name': 'team-a' };
    expect(describeJob(suspended, [])).toMatchObject({
      phase: 'suspended',
      message: expect.stringContaining('Kueue queue "team-a"'),
    });
  });
});
