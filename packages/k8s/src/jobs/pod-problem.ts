import type { ContainerStatus, Pod } from '../objects/types.js';
import { describeExit } from './exit-code.js';
import type { JobReason, Problem } from './outcome.js';
import { describeWaiting } from './waiting.js';
import { whyNoNode } from './why-no-node.js';

/** The pod's own words for an end that no container is to blame for. */
const POD_REASONS: Readonly<Record<string, readonly [JobReason, string]>> = {
  Evicted: ['evicted', 'the node evicted the pod'],
  NodeLost: ['node_lost', 'the node stopped answering'],
  Shutdown: ['node_lost', 'the node was shut down'],
  Terminated: ['node_lost', 'the node was shut down'],
  DeadlineExceeded: ['deadline_exceeded', 'the pod was active longer than its deadline allows'],
  UnexpectedAdmissionError: ['pod_rejected', 'the node refused the pod'],
  NodeAffinity: ['pod_rejected', 'the node refused the pod'],
};

/** Reasons of the condition `DisruptionTarget`. */
const DISRUPTIONS: Readonly<Record<string, readonly [JobReason, string]>> = {
  PreemptionByScheduler: ['preempted', 'the pod had to make room for one of higher priority'],
  EvictionByEvictionAPI: ['evicted', 'the pod was evicted'],
  TerminationByKubelet: ['evicted', 'the node ended the pod'],
  DeletionByTaintManager: ['node_lost', 'the node was taken out of service'],
  DeletionByPodGC: ['node_lost', 'the node is gone'],
};

/** What is wrong with a pod, or was when it ended; undefined when nothing is. */
export function findPodProblem(pod: Pod): Problem | undefined {
  const problem = disruption(pod) ?? unschedulable(pod) ?? containerProblem(pod);
  const name = pod.metadata.name;
  return problem === undefined || name === undefined ? problem : { ...problem, pod: name };
}

function disruption(pod: Pod): Problem | undefined {
  const { status } = pod;
  const condition = status?.conditions?.find(
    ({ type, status }) => type === 'DisruptionTarget' && status === 'True',
  );
  const known = DISRUPTIONS[condition?.reason ?? ''] ?? POD_REASONS[status?.reason ?? ''];
  if (known !== undefined) {
    const detail = status?.message ?? condition?.message ?? '';
    const message = detail === '' ? known[1] : `${known[1]}: ${detail.trim()}`;
    return { reason: known[0], message, canHeal: false };
  }
  if (status?.phase === 'Failed' && status.reason?.startsWith('OutOf') === true) {
    return {
      reason: 'pod_rejected',
      message: `the node refused the pod: ${status.message ?? ''}`,
      canHeal: false,
    };
  }
  return undefined;
}

function unschedulable(pod: Pod): Problem | undefined {
  const condition = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (condition?.status !== 'False' || pod.status?.phase !== 'Pending') return undefined;
  if (condition.reason === 'SchedulingGated') {
    return {
      reason: 'waiting_for_node',
      message: 'the pod is held back by a scheduling gate',
      canHeal: true,
    };
  }
  return { reason: 'unschedulable', message: whyNoNode(condition.message ?? ''), canHeal: true };
}

function containerProblem(pod: Pod): Problem | undefined {
  const init = (pod.status?.initContainerStatuses ?? []).map((status) => statusProblem(pod, status, true));
  const main = (pod.status?.containerStatuses ?? []).map((status) => statusProblem(pod, status, false));
  const problems = [...init, ...main].filter((problem) => problem !== undefined);
  // Of several failed containers one that ran out of memory or crashed tells more than one told to stop.
  return problems.find((problem) => problem.signal !== 'SIGTERM') ?? problems[0];
}

function statusProblem(pod: Pod, status: ContainerStatus, init: boolean): Problem | undefined {
  const what = `${init ? 'init container' : 'container'} ${status.name}`;
  const problem = stateProblem(pod, status, what, init);
  return problem === undefined
    ? undefined
    : { ...problem, container: status.name, ...(init ? { init } : {}) };
}

function stateProblem(pod: Pod, status: ContainerStatus, what: string, init: boolean): Problem | undefined {
  const { waiting, terminated } = status.state ?? {};
  const last = status.lastState?.terminated;
  if (waiting !== undefined) {
    const specs = init ? pod.spec.initContainers : pod.spec.containers;
    const image = specs?.find(({ name }) => name === status.name)?.image ?? status.image ?? '';
    const problem = describeWaiting(what, image, waiting);
    if (problem?.reason !== 'crash_loop' || last === undefined) return problem;
    return { ...describeExit(what, last), ...crashLoop(problem.message, describeExit(what, last)) };
  }
  if (terminated === undefined || terminated.exitCode === 0) return undefined;
  const exit = describeExit(what, terminated);
  const restarts = pod.status?.phase === 'Running' && willRestart(pod);
  // For most of a back-off the state reads `terminated`, not `CrashLoopBackOff`.
  if (restarts && (status.restartCount ?? 0) > 0) {
    return { ...exit, ...crashLoop(`${what} keeps failing and is being restarted`, exit) };
  }
  return restarts ? { ...exit, canHeal: true } : exit;
}

function crashLoop(message: string, exit: Problem) {
  return { reason: 'crash_loop' as const, message: `${message}: ${exit.message}`, canHeal: true };
}

function willRestart(pod: Pod): boolean {
  return pod.spec.restartPolicy !== 'Never' && pod.metadata.deletionTimestamp === undefined;
}
