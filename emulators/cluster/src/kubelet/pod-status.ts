import { seconds } from '../controllers/clock.js';
import type { Snapshot } from './container/container-status.js';
import { containerStatus } from './container/container-status.js';
import { LOOPBACK } from './downward.js';
import type { Pod, PodCondition, PodStatus } from './pod.js';
import { isSidecar } from './pod.js';

/** Where a pod stands, as its worker knows it. */
export interface PodFacts {
  init: readonly Snapshot[];
  containers: readonly Snapshot[];
  startTime: string;
  address: string;
  /** Its volumes and network are there: containers may be created. */
  prepared: boolean;
  /** All is over and cleared away: the phase becomes final. */
  final: boolean;
  /** Why the pod was ended before its containers ended by themselves. */
  ended: { reason: string; message: string } | undefined;
}

const UNKNOWN = 'ContainerStatusUnknown';

function exitedBadly({ state }: Snapshot): boolean {
  return (state.terminated?.exitCode ?? 0) !== 0;
}

function initFailed({ init }: PodFacts): boolean {
  return init.some((one) => !isSidecar(one.container) && one.over && exitedBadly(one));
}

/** Whether the pod has failed or will have when the rest has ended. */
function failed(facts: PodFacts): boolean {
  return facts.ended !== undefined || initFailed(facts) || facts.containers.some(exitedBadly);
}

function done(facts: PodFacts): boolean {
  return initFailed(facts) || facts.containers.every(({ over, state }) => over && state.terminated);
}

function phase(facts: PodFacts): NonNullable<PodStatus['phase']> {
  if (facts.final) {
    return failed(facts) ? 'Failed' : 'Succeeded';
  }
  const waiting = facts.containers.some(({ state, lastState }) => state.waiting && !lastState.terminated);
  const ran = facts.containers.some(
    ({ state, lastState }) =>
      state.running ??
      lastState.terminated ??
      (state.terminated && !['StartError', UNKNOWN].includes(state.terminated.reason)),
  );
  return ran && !waiting ? 'Running' : 'Pending';
}

/** The incomplete init containers; a sidecar is complete once it has started. */
function uninitialized({ init }: PodFacts): string[] {
  return init
    .filter(({ container, state, started }) =>
      isSidecar(container) ? !started && !state.terminated : state.terminated?.exitCode !== 0,
    )
    .map(({ container }) => container.name);
}

type Draft = Pick<PodCondition, 'type' | 'status' | 'reason' | 'message'>;

function readiness(facts: PodFacts): Omit<Draft, 'type'> {
  const lost = facts.containers.some(({ state }) => state.terminated?.reason === UNKNOWN);
  if (done(facts) && !lost) {
    return { status: 'False', reason: failed(facts) ? 'PodFailed' : 'PodCompleted' };
  }
  const all = [...facts.init.filter(({ container }) => isSidecar(container)), ...facts.containers];
  const unready = all.filter(({ ready }) => !ready).map(({ container }) => container.name);
  return unready.length === 0
    ? { status: 'True' }
    : {
        status: 'False',
        reason: 'ContainersNotReady',
        message: `containers with unready status: [${unready.join(' ')}]`,
      };
}

function conditions(facts: PodFacts): Draft[] {
  const incomplete = uninitialized(facts);
  const completed = done(facts) && !failed(facts);
  const ready = readiness(facts);
  return [
    { type: 'PodReadyToStartContainers', status: facts.prepared && !facts.final ? 'True' : 'False' },
    incomplete.length === 0
      ? { type: 'Initialized', status: 'True', ...(completed ? { reason: 'PodCompleted' } : {}) }
      : {
          type: 'Initialized',
          status: 'False',
          reason: 'ContainersNotInitialized',
          message: `containers with incomplete status: [${incomplete.join(' ')}]`,
        },
    { type: 'Ready', ...ready },
    { type: 'ContainersReady', ...ready },
    { type: 'PodScheduled', status: 'True' },
  ];
}

function dated(draft: Draft, pod: Pod): PodCondition {
  const before = pod.status?.conditions?.find(({ type }) => type === draft.type);
  const { type, status, ...why } = draft;
  return {
    type,
    observedGeneration: pod.metadata.generation ?? 1,
    status,
    lastProbeTime: null,
    lastTransitionTime: before?.status === status ? before.lastTransitionTime : seconds(),
    ...why,
  };
}

/** Whether the address is told: it comes with the first container. */
function begun(facts: PodFacts): boolean {
  return [...facts.init, ...facts.containers].some(({ containerId }) => containerId !== undefined);
}

/** The status a kubelet would write. Conditions that hold on keep the time they began at. */
export function podStatus(pod: Pod, facts: PodFacts): PodStatus {
  const { qosClass } = pod.status ?? {};
  return {
    observedGeneration: pod.metadata.generation ?? 1,
    phase: phase(facts),
    ...(facts.ended === undefined ? {} : facts.ended),
    conditions: conditions(facts).map((draft) => dated(draft, pod)),
    hostIP: LOOPBACK,
    hostIPs: [{ ip: LOOPBACK }],
    ...(begun(facts) ? { podIP: facts.address, podIPs: [{ ip: facts.address }] } : {}),
    startTime: facts.startTime,
    ...(facts.init.length === 0 ? {} : { initContainerStatuses: facts.init.map(containerStatus) }),
    containerStatuses: facts.containers.map(containerStatus),
    ...(qosClass === undefined ? {} : { qosClass }),
  };
}
