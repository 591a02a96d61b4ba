import { asNumber, asObject, asString, at, objectsIn, scalarText } from '../../json.js';
import type { JsonObject } from '../../json.js';
import type { KubeObject } from '../../objects.js';
import type { Column } from './column.js';
import { ageColumn, column, joined, labelText, nameColumn } from './column.js';
import { age, humanDuration } from './duration.js';

function containers(path: readonly string[]): Column[] {
  return [
    column('Containers', (object) => joined(at(object, ...path, 'containers'), 'name'), true),
    column('Images', (object) => joined(at(object, ...path, 'containers'), 'image'), true),
  ];
}

const selector = column(
  'Selector',
  (object) => labelText(at(object, 'spec', 'selector', 'matchLabels')),
  true,
);
const template = containers(['spec', 'template', 'spec']);

function count(object: KubeObject, ...path: string[]): number {
  return asNumber(at(object, ...path)) ?? 0;
}

function condition(object: KubeObject, type: string): JsonObject | undefined {
  return objectsIn(at(object, 'status', 'conditions')).find(
    (item) => item['type'] === type && item['status'] === 'True',
  );
}

function jobStatus(object: KubeObject): string {
  const checks: [string, string][] = [
    ['Complete', 'Complete'],
    ['Failed', 'Failed'],
  ];
  const ended = checks.find(([type]) => condition(object, type));
  if (ended !== undefined) {
    return ended[1];
  }
  if (object.metadata.deletionTimestamp !== undefined) {
    return 'Terminating';
  }
  if (condition(object, 'Suspended')) {
    return 'Suspended';
  }
  if (condition(object, 'FailureTarget')) {
    return 'FailureTarget';
  }
  return condition(object, 'SuccessCriteriaMet') ? 'SuccessCriteriaMet' : 'Running';
}

function jobCompletions(object: KubeObject): string {
  const done = count(object, 'status', 'succeeded');
  const wanted = asNumber(at(object, 'spec', 'completions'));
  if (wanted !== undefined) {
    return `${done}/${wanted}`;
  }
  const parallelism = count(object, 'spec', 'parallelism');
  return parallelism > 1 ? `${done}/1 of ${parallelism}` : `${done}/1`;
}

function jobDuration(object: KubeObject): string {
  const start = asString(at(object, 'status', 'startTime'));
  if (start === undefined) {
    return '';
  }
  const end = asString(at(object, 'status', 'completionTime'));
  return humanDuration((end === undefined ? Date.now() : Date.parse(end)) - Date.parse(start));
}

export const jobColumns: readonly Column[] = [
  nameColumn,
  column('Status', jobStatus),
  column('Completions', jobCompletions),
  column('Duration', jobDuration),
  ageColumn,
  ...template,
  selector,
];

export const cronJobColumns: readonly Column[] = [
  nameColumn,
  column('Schedule', (object) => asString(at(object, 'spec', 'schedule')) ?? ''),
  column('Timezone', (object) => asString(at(object, 'spec', 'timeZone')) ?? '<none>'),
  column('Suspend', (object) => (at(object, 'spec', 'suspend') === true ? 'True' : 'False')),
  column('Active', (object) => objectsIn(at(object, 'status', 'active')).length),
  column('Last Schedule', (object) => {
    const last = at(object, 'status', 'lastScheduleTime');
    return last === undefined ? '<none>' : age(last);
  }),
  ageColumn,
  ...containers(['spec', 'jobTemplate', 'spec', 'template', 'spec']),
];

export const deploymentColumns: readonly Column[] = [
  nameColumn,
  column(
    'Ready',
    (object) => `${count(object, 'status', 'readyReplicas')}/${count(object, 'spec', 'replicas')}`,
  ),
  column('Up-to-date', (object) => count(object, 'status', 'updatedReplicas')),
  column('Available', (object) => count(object, 'status', 'availableReplicas')),
  ageColumn,
  ...template,
  selector,
];

export const replicaSetColumns: readonly Column[] = [
  nameColumn,
  column('Desired', (object) => count(object, 'spec', 'replicas')),
  column('Current', (object) => count(object, 'status', 'replicas')),
  column('Ready', (object) => count(object, 'status', 'readyReplicas')),
  ageColumn,
  ...template,
  selector,
];

export const statefulSetColumns: readonly Column[] = [
  nameColumn,
  column(
    'Ready',
    (object) => `${count(object, 'status', 'readyReplicas')}/${count(object, 'spec', 'replicas')}`,
  ),
  ageColumn,
  ...template,
];

/** Reason of the first init container that keeps a pod from starting. */
function initReason(pod: KubeObject): string | undefined {
  const wanted = objectsIn(at(pod, 'spec', 'initContainers')).length;
  const statuses = objectsIn(at(pod, 'status', 'initContainerStatuses'));
  for (const [index, status] of statuses.entries()) {
    const ended = asObject(at(status, 'state', 'terminated'));
    if (ended['exitCode'] === 0) {
      continue;
    }
    if (ended['exitCode'] !== undefined) {
      return `Init:${asString(ended['reason']) ?? `ExitCode:${scalarText(ended['exitCode'])}`}`;
    }
    const waiting = asString(at(status, 'state', 'waiting', 'reason'));
    return waiting !== undefined && waiting !== 'PodInitializing'
      ? `Init:${waiting}`
      : `Init:${index}/${wanted}`;
  }
  return undefined;
}

function podStatus(pod: KubeObject): string {
  const initial = initReason(pod);
  let reason = asString(at(pod, 'status', 'reason')) ?? asString(at(pod, 'status', 'phase')) ?? 'Unknown';
  if (initial !== undefined) {
    reason = initial;
  } else {
    let running = false;
    for (const status of objectsIn(at(pod, 'status', 'containerStatuses')).toReversed()) {
      const waiting = asString(at(status, 'state', 'waiting', 'reason'));
      const ended = asObject(at(status, 'state', 'terminated'));
      if (waiting !== undefined) {
        reason = waiting;
      } else if (ended['exitCode'] !== undefined) {
        reason = asString(ended['reason']) ?? `ExitCode:${scalarText(ended['exitCode'])}`;
      } else if (status['ready'] === true) {
        running = true;
      }
    }
    if (reason === 'Completed' && running) {
      reason = 'Running';
    }
  }
  return pod.metadata.deletionTimestamp === undefined ? reason : 'Terminating';
}

function ready(pod: KubeObject): string {
  const statuses = objectsIn(at(pod, 'status', 'containerStatuses'));
  const running = statuses.filter((status) => status['ready'] === true).length;
  return `${running}/${objectsIn(at(pod, 'spec', 'containers')).length}`;
}

function restarts(pod: KubeObject): string {
  const statuses = objectsIn(at(pod, 'status', 'containerStatuses'));
  const sum = statuses.reduce((total, status) => total + (asNumber(status['restartCount']) ?? 0), 0);
  const last = statuses
    .map((status) => asString(at(status, 'lastState', 'terminated', 'finishedAt')) ?? '')
    .toSorted()
    .at(-1);
  return sum > 0 && last ? `${sum} (${age(last)} ago)` : scalarText(sum);
}

function orNone(object: KubeObject, ...path: string[]): string {
  return asString(at(object, ...path)) ?? '<none>';
}

export const podColumns: readonly Column[] = [
  nameColumn,
  column('Ready', ready),
  column('Status', podStatus),
  column('Restarts', restarts),
  ageColumn,
  column('IP', (pod) => orNone(pod, 'status', 'podIP'), true),
  column('Node', (pod) => orNone(pod, 'spec', 'nodeName'), true),
  column('Nominated Node', (pod) => orNone(pod, 'status', 'nominatedNodeName'), true),
  column('Readiness Gates', () => '<none>', true),
];
