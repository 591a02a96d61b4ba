import { jobLabels, runnerJobName } from '@cloudemy/contracts';
import type { Condition, Job, KubeEvent, Pod, PodStatus } from '@cloudemy/k8s';

let ids = 0;

/** A submission's id that no other test has. */
export function newId(): string {
  ids += 1;
  return (
    process.pid.toString(16).padStart(8, '0') +
    Date.now().toString(16).slice(-8) +
    ids.toString(16).padStart(8, '0')
  ).slice(-24);
}

/** A runner Job as the API server shows it. */
export function jobOf(submissionId: string, conditions: Condition[] = [], attempt = 1): Job {
  const name = runnerJobName(submissionId, attempt);
  return {
    metadata: {
      name,
      namespace: 'default',
      uid: `uid-of-${name}`,
      labels: {
        [jobLabels.managedBy]: jobLabels.managedByValue,
        [jobLabels.component]: jobLabels.componentValue,
        [jobLabels.instance]: 'cloudemy',
        [jobLabels.submission]: submissionId,
        [jobLabels.attempt]: String(attempt),
      },
    },
    spec: {
      activeDeadlineSeconds: 120,
      template: { spec: { containers: [{ name: 'runner', image: 'cloudemy/runner:test' }] } },
    },
    status: { conditions },
  };
}

/** The pod of a Job, in a state. */
export function podOf(job: Job, status: PodStatus): Pod {
  return {
    metadata: {
      name: `${job.metadata.name ?? ''}-abcde`,
      namespace: 'default',
      uid: `pod-${job.metadata.uid ?? ''}`,
      ownerReferences: [
        {
          apiVersion: 'batch/v1',
          kind: 'Job',
          name: job.metadata.name ?? '',
          uid: job.metadata.uid ?? '',
          controller: true,
        },
      ],
    },
    spec: job.spec.template.spec,
    status,
  };
}

/** A Warning of the Job controller or the kubelet about a Job. */
export function warningAbout(job: Job, reason: string, message: string): KubeEvent {
  return {
    metadata: { name: 'event', creationTimestamp: new Date().toISOString() },
    involvedObject: { kind: 'Job', name: job.metadata.name ?? '', uid: job.metadata.uid ?? '' },
    type: 'Warning',
    reason,
    message,
  };
}

export const complete: Condition = { type: 'Complete', status: 'True' };
export const failedByBackoff: Condition = {
  type: 'Failed',
  status: 'True',
  reason: 'BackoffLimitExceeded',
  message: 'Job has reached the specified backoff limit',
};

/** The status of a pod whose container waits. */
export function waiting(reason: string, message = ''): PodStatus {
  return {
    phase: 'Pending',
    conditions: [{ type: 'PodScheduled', status: 'True' }],
    containerStatuses: [{ name: 'runner', state: { waiting: { reason, message } } }],
  };
}

/** The status of a pod whose container ended. */
export function exited(exitCode: number): PodStatus {
  return {
    phase: exitCode === 0 ? 'Succeeded' : 'Failed',
    containerStatuses: [{ name: 'runner', state: { terminated: { exitCode } } }],
  };
}
