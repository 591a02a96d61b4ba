import type { Job } from '../objects/types.js';

/** Why a Job is suspended, as far as it says itself: a queue of the cluster may hold it back until it admits it. */
export function describeSuspended({ metadata, spec }: Job): string {
  const queue = metadata.labels?.['kueue.x-k8s.io/queue-name'];
  if (queue !== undefined) {
    return `the Job is suspended: it waits in the Kueue queue "${queue}", which lets it run when there is room`;
  }
  if (spec.managedBy !== undefined && spec.managedBy !== 'kubernetes.io/job-controller') {
    return `the Job is suspended: ${spec.managedBy} decides when it runs`;
  }
  return 'the Job is suspended: it runs once it is deployed with suspend: false';
}
