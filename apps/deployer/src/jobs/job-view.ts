import type { ContainerStatus, JobStatus, PodStatus } from '@cloudemy/contracts';
import {
  type ContainerState,
  type Job,
  type JobOutcome,
  type Pod,
  type PodContainer,
  findPodProblem,
  listContainers,
  signalName,
  signalOfExitCode,
} from '@cloudemy/k8s';
import type { DeployedJob } from './deployed-jobs.js';

/** A Job and its pods as clients see them. */
export function viewJob(
  { job, uid, deploymentId }: DeployedJob,
  outcome: JobOutcome,
  pods: readonly Pod[],
): JobStatus {
  const { metadata, spec, status = {} } = job;
  const finishedAt = status.completionTime ?? endOf(job);
  return {
    job_name: metadata.name ?? '',
    namespace: metadata.namespace ?? '',
    uid,
    deployment_id: deploymentId,
    phase: outcome.phase,
    reason: outcome.reason,
    message: outcome.message,
    finished: outcome.finished,
    troubled: outcome.troubled,
    conditions: (status.conditions ?? []).map((condition) => ({
      type: condition.type,
      status: condition.status,
      reason: condition.reason ?? null,
      message: condition.message ?? null,
      last_transition_time: instant(condition.lastTransitionTime),
    })),
    counts: {
      active: status.active ?? 0,
      ready: status.ready ?? 0,
      succeeded: status.succeeded ?? 0,
      failed: status.failed ?? 0,
      terminating: status.terminating ?? 0,
    },
    parallelism: spec.parallelism ?? null,
    completions: spec.completions ?? null,
    backoff_limit: spec.backoffLimit ?? null,
    created_at: instant(metadata.creationTimestamp),
    started_at: instant(status.startTime),
    finished_at: instant(finishedAt),
    duration_seconds: duration(status.startTime, finishedAt),
    pods: pods.map((pod) => viewPod(pod, outcome)),
  };
}

function endOf(job: Job): string | undefined {
  return job.status?.conditions?.find(({ type, status }) => type === 'Failed' && status === 'True')
    ?.lastTransitionTime;
}

/** Seconds, to the second as Kubernetes gives them; the clocks may differ by a little. */
function duration(start: string | undefined, end: string | undefined): number | null {
  if (start === undefined) return null;
  const until = end === undefined ? Date.now() : Date.parse(end);
  return Math.max(0, Math.round((until - Date.parse(start)) / 1_000));
}

function viewPod(pod: Pod, outcome: JobOutcome): PodStatus {
  const { metadata, spec, status = {} } = pod;
  // Its own status may say only later what events say already.
  const fromEvents = outcome.troubled && outcome.pod === metadata.name ? outcome : undefined;
  const problem = findPodProblem(pod) ?? fromEvents;
  return {
    name: metadata.name ?? '',
    phase: status.phase ?? 'Pending',
    terminating: metadata.deletionTimestamp !== undefined,
    node: spec.nodeName ?? null,
    reason: problem?.reason ?? null,
    message: problem?.message ?? waitingWords(pod),
    created_at: instant(metadata.creationTimestamp),
    started_at: instant(status.startTime),
    containers: listContainers(pod).map((container) => viewContainer(pod, container)),
  };
}

function waitingWords(pod: Pod): string | null {
  if (pod.status?.phase !== 'Pending' && pod.status?.phase !== undefined) return null;
  return pod.spec.nodeName === undefined ? 'the pod waits for a node' : 'the pod is being started';
}

function viewContainer(pod: Pod, { name, type }: PodContainer): ContainerStatus {
  const specs = [
    ...(pod.spec.initContainers ?? []),
    ...pod.spec.containers,
    ...(pod.spec.ephemeralContainers ?? []),
  ];
  const {
    initContainerStatuses = [],
    containerStatuses = [],
    ephemeralContainerStatuses = [],
  } = pod.status ?? {};
  const status = [...initContainerStatuses, ...containerStatuses, ...ephemeralContainerStatuses].find(
    (one) => one.name === name,
  );
  const state: ContainerState = status?.state ?? {};
  const { waiting, running, terminated } = state;
  const cause = terminated ?? waiting;
  return {
    name,
    type,
    image: specs.find((spec) => spec.name === name)?.image ?? null,
    state: terminated !== undefined ? 'terminated' : running !== undefined ? 'running' : 'waiting',
    ready: status?.ready ?? false,
    restarts: status?.restartCount ?? 0,
    reason: cause?.reason ?? null,
    message: cause?.message ?? null,
    exit_code: terminated?.exitCode ?? null,
    signal: terminated === undefined ? null : (signalOf(terminated) ?? null),
    started_at: instant(terminated?.startedAt ?? running?.startedAt),
    finished_at: instant(terminated?.finishedAt),
  };
}

const signalOf = ({ signal, exitCode }: { signal?: number; exitCode: number }): string | undefined =>
  signal === undefined ? signalOfExitCode(exitCode) : signalName(signal);

/** As the contract writes instants. A container that never ran has the year 1970. */
function instant(time: string | undefined): string | null {
  if (time === undefined || time.startsWith('1970-01-01')) return null;
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
