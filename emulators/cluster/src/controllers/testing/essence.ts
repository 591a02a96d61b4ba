import type { ContainerState, ContainerStatus, Pod, PodCondition } from '../../kubelet/pod.js';
import type { KubeObject } from '../../objects.js';
import type { Job } from '../job/job.js';

/** Replaces what differs from run to run by words: names of pods, the namespace, uids, the node. */
export class Normalizer {
  readonly #words = new Map<string, string>();

  /** `text` reads as `word` from now on. */
  name(text: string, word: string): void {
    if (text !== '' && !this.#words.has(text)) {
      this.#words.set(text, word);
    }
  }

  text(value: string): string {
    let result = value;
    for (const [text, word] of this.#words) {
      result = result.replaceAll(text, word);
    }
    // Why a registry cannot be reached depends on the network.
    result = result.replaceAll(/code = \w+ desc = (.*?failed to resolve image): .*?(?= x\d|$)/g, '$1');
    // Tests wait less.
    result = result.replaceAll(/back-off \w+ restarting/g, 'back-off TIME restarting');
    return result.replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UID');
  }
}

function stateEssence(state: ContainerState): string {
  if (state.waiting !== undefined) {
    return ['waiting', state.waiting.reason, state.waiting.message].filter(Boolean).join(' ');
  }
  if (state.running !== undefined) {
    return 'running';
  }
  if (state.terminated !== undefined) {
    const { exitCode, reason, message } = state.terminated;
    return ['terminated', exitCode, reason, message].filter((part) => part !== undefined).join(' ');
  }
  return 'nothing';
}

function containerEssence(status: ContainerStatus): string {
  const last = status.lastState.terminated === undefined ? '' : ` after ${stateEssence(status.lastState)}`;
  const flags = `${status.ready ? ' ready' : ''}${status.started ? ' started' : ''}`;
  return `${status.name}: ${stateEssence(status.state)}${last} x${status.restartCount}${flags}`;
}

function conditionEssence({
  type,
  status,
  reason,
  message,
}: Pick<PodCondition, 'type' | 'status' | 'reason' | 'message'>): string {
  return [`${type}=${status}`, reason, message].filter(Boolean).join(' ');
}

/** What a pod's status says, without times and ids. */
export function podEssence(pod: Pod): string {
  const {
    phase = 'none',
    conditions = [],
    initContainerStatuses = [],
    containerStatuses = [],
  } = pod.status ?? {};
  return [
    phase,
    ...initContainerStatuses.map(containerEssence),
    ...containerStatuses.map(containerEssence),
    ...conditions.map(conditionEssence),
    ...(pod.metadata.deletionTimestamp === undefined ? [] : ['deleted']),
  ].join(' | ');
}

/** What a Job's status says, without times. `ready` depends on how changes were batched and is left out. */
export function jobEssence(job: Job): string {
  const {
    conditions = [],
    active,
    succeeded,
    failed,
    terminating,
    completedIndexes,
    uncountedTerminatedPods,
    startTime,
    completionTime,
  } = job.status ?? {};
  const counters = { active, succeeded, failed, terminating, completedIndexes };
  return [
    ...Object.entries(counters).flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`])),
    ...(uncountedTerminatedPods?.succeeded === undefined
      ? []
      : [`uncounted succeeded ${uncountedTerminatedPods.succeeded.length}`]),
    ...(uncountedTerminatedPods?.failed === undefined
      ? []
      : [`uncounted failed ${uncountedTerminatedPods.failed.length}`]),
    ...(startTime === undefined ? [] : ['started']),
    ...(completionTime === undefined ? [] : ['completed']),
    ...conditions.map(conditionEssence),
  ].join(' | ');
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Who said what about what. */
export function eventEssence(event: KubeObject): string {
  const about = event['involvedObject'];
  const { kind, fieldPath } =
    typeof about === 'object' && about !== null
      ? Object.assign({ kind: '', fieldPath: '' }, about)
      : { kind: '', fieldPath: '' };
  const where = fieldPath === '' ? '' : ` ${fieldPath}`;
  return `${kind}${where} ${text(event['type'])} ${text(event['reason'])}: ${text(event['message'])}`;
}
