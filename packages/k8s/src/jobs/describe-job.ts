import type { Condition, Job, KubeEvent, Pod } from '../objects/types.js';
import { findEventProblem } from './event-problem.js';
import { keptEnd } from './last-end.js';
import type { JobOutcome, JobPhase, Problem } from './outcome.js';
import { findPodProblem } from './pod-problem.js';
import { retryFollows } from './retry-follows.js';
import { describeSuspended } from './suspended.js';

/**
 * What has become of a Job, in a code and in words. Pure: the same objects give the same answer.
 * @param pods the Job's own pods, see `ownedPods`
 * @param events Warning events of the Job and its pods. Without them a pod that could not even be created,
 *   and a volume that cannot be mounted, look like plain waiting
 */
export function describeJob(job: Job, pods: readonly Pod[], events: readonly KubeEvent[] = []): JobOutcome {
  const succeeded = condition(job, 'Complete') ?? condition(job, 'SuccessCriteriaMet');
  if (succeeded !== undefined) {
    const finished = succeeded.type === 'Complete';
    return { ...calm('succeeded', 'completed', 'the Job completed'), finished };
  }
  const failed = condition(job, 'Failed') ?? condition(job, 'FailureTarget');
  if (failed !== undefined) {
    const problem = whyFailed(job, failed, pods, events);
    return {
      ...problem,
      canHeal: false,
      phase: 'failed',
      troubled: true,
      finished: failed.type === 'Failed',
    };
  }
  if (job.spec.suspend === true) return calm('suspended', 'suspended', describeSuspended(job));
  return describeUnfinished(job, pods, events);
}

function condition(job: Job, type: string): Condition | undefined {
  return job.status?.conditions?.find((condition) => condition.type === type && condition.status === 'True');
}

function calm(phase: JobPhase, reason: JobOutcome['reason'], message: string): JobOutcome {
  return { phase, reason, message, canHeal: phase !== 'succeeded', finished: false, troubled: false };
}

function troubled(phase: JobPhase, problem: Problem): JobOutcome {
  return { ...problem, phase, finished: false, troubled: true };
}

function whyFailed(job: Job, failed: Condition, pods: readonly Pod[], events: readonly KubeEvent[]): Problem {
  const newestFirst = byAge(pods);
  if (failed.reason === 'DeadlineExceeded') {
    const seconds = job.spec.activeDeadlineSeconds;
    const limit = seconds === undefined ? 'its deadline' : `its deadline of ${seconds} s`;
    const neverStarted = whyNeverStarted(job, newestFirst, events);
    if (neverStarted === undefined) {
      const message = `the Job took longer than ${limit}`;
      return { reason: 'deadline_exceeded', message, canHeal: false };
    }
    return { ...neverStarted, message: `${neverStarted.message}; the Job reached ${limit}` };
  }
  const problem = newestFirst.map((pod) => findPodProblem(pod)).find((found) => found !== undefined);
  if (problem !== undefined) return problem;
  const kept = keptEnd(job);
  if (kept !== undefined) return kept;
  const words = failed.message ?? failed.reason ?? 'the cluster gave no reason';
  return { reason: 'failed', message: `the Job failed: ${words}`, canHeal: false };
}

/** A Job out of time whose containers never ran did not take too long: something kept it from starting. */
function whyNeverStarted(job: Job, pods: readonly Pod[], events: readonly KubeEvent[]): Problem | undefined {
  if (pods.some((pod) => hasRun(pod)) || (job.status?.ready ?? 0) > 0) return undefined;
  if (events.some((event) => event.reason === 'Started')) return undefined;
  for (const pod of pods) {
    const problem = findEventProblem(events, pod) ?? findPodProblem(pod);
    if (problem !== undefined && problem.exitCode === undefined) return problem;
  }
  // The pods may be gone already; their events live on.
  return findEventProblem(events);
}

function hasRun(pod: Pod): boolean {
  if (pod.status?.phase === 'Succeeded') return true;
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  return statuses.some(
    ({ state, lastState }) =>
      state?.running !== undefined ||
      lastState?.terminated !== undefined ||
      (state?.terminated !== undefined && state.terminated.reason !== 'ContainerStatusUnknown'),
  );
}

function describeUnfinished(job: Job, pods: readonly Pod[], events: readonly KubeEvent[]): JobOutcome {
  const live = byAge(pods.filter((pod) => isLive(pod)));
  const phase = live.some((pod) => pod.status?.phase === 'Running') ? 'running' : 'pending';
  for (const pod of live) {
    const problem = findPodProblem(pod) ?? mountProblem(pod, events);
    if (problem !== undefined) return troubled(phase, problem);
  }
  if (phase === 'running') return calm('running', 'running', 'the Job is running');
  if (live.length > 0) return waitingPod(live);
  return describeWithoutPods(job, pods, events);
}

function isLive(pod: Pod): boolean {
  const phase = pod.status?.phase;
  return pod.metadata.deletionTimestamp === undefined && phase !== 'Succeeded' && phase !== 'Failed';
}

/** The status of a pod whose volumes cannot be mounted says no more than `ContainerCreating`. */
function mountProblem(pod: Pod, events: readonly KubeEvent[]): Problem | undefined {
  if (pod.status?.phase !== 'Pending') return undefined;
  const problem = findEventProblem(events, pod);
  return problem === undefined || pod.metadata.name === undefined
    ? problem
    : { ...problem, pod: pod.metadata.name };
}

function waitingPod(pods: readonly Pod[]): JobOutcome {
  const scheduled = pods.some(({ status }) =>
    status?.conditions?.some(({ type, status }) => type === 'PodScheduled' && status === 'True'),
  );
  return scheduled
    ? calm('pending', 'starting', 'the pod is being started')
    : calm('pending', 'waiting_for_node', 'the pod waits for a node');
}

function describeWithoutPods(job: Job, pods: readonly Pod[], events: readonly KubeEvent[]): JobOutcome {
  const refused = findEventProblem(events, job);
  if (refused !== undefined) return troubled('pending', refused);
  const [last] = byAge(pods);
  const next = retryFollows(job, pods) ? '; another try follows' : '';
  if (last?.status?.phase === 'Failed') {
    const problem = findPodProblem(last) ?? { reason: 'failed', message: 'the pod failed', canHeal: true };
    return troubled('pending', { ...problem, message: `${problem.message}${next}`, canHeal: next !== '' });
  }
  if (last?.status?.phase === 'Succeeded') return calm('running', 'finishing', 'the Job is finishing');
  if (last !== undefined || (job.status?.terminating ?? 0) > 0) {
    if (job.metadata.deletionTimestamp !== undefined) {
      return troubled('pending', {
        reason: 'pod_deleted',
        message: 'the Job is being deleted',
        canHeal: false,
      });
    }
    const problem = last === undefined ? undefined : findPodProblem(last);
    if (problem !== undefined)
      return troubled('pending', { ...problem, message: `${problem.message}${next}` });
    const message = `the pod was deleted${next}`;
    return troubled('pending', { reason: 'pod_deleted', message, canHeal: true });
  }
  return calm('pending', 'waiting_for_pod', 'the Job waits for its pod to be created');
}

function byAge(pods: readonly Pod[]): Pod[] {
  const created = (pod: Pod) => Date.parse(pod.metadata.creationTimestamp ?? '1970-01-01T00:00:00Z');
  return pods.toSorted((a, b) => created(b) - created(a));
}
