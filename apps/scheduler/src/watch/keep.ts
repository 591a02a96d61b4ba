import type {
  ContainerSpec,
  ContainerStatus,
  Job,
  KubeObject,
  ObjectMeta,
  Pod,
  PodStatus,
} from '@cloudemy/k8s';
import { jobLabels } from '@cloudemy/contracts';

/** Labels that the scheduler asks for by value; the rest of an object's is nobody's business here. */
const keptLabels = Object.values(jobLabels).filter((label) => label.includes('/'));

/**
 * What is kept of a Job: a day's finished ones are thousands, and in full each takes some 25 KB. Its template is the same as
 * every other's and is asked for by nobody.
 */
export function keptJob(job: Job): Job {
  const { suspend, activeDeadlineSeconds, backoffLimit } = job.spec;
  return {
    metadata: keptMetadata(job),
    spec: { template: noTemplate, ...defined({ suspend, activeDeadlineSeconds, backoffLimit }) },
    ...defined({ status: job.status }),
  };
}

/** What is kept of a pod: what tells how it is, not how it was to be. */
export function keptPod(pod: Pod): Pod {
  // Of one that did its work nothing else is ever asked, and thousands stay until their Jobs go.
  if (pod.status?.phase === 'Succeeded') return { metadata: keptMetadata(pod), ...succeeded };
  const { containers, initContainers, restartPolicy } = pod.spec;
  return {
    metadata: keptMetadata(pod),
    spec: {
      containers: containers.map(keptContainer),
      ...defined({ initContainers: initContainers?.map(keptContainer), restartPolicy }),
    },
    ...defined({ status: pod.status === undefined ? undefined : keptPodStatus(pod.status) }),
  };
}

const noTemplate: Job['spec']['template'] = { spec: { containers: [] } };

const succeeded: Pick<Pod, 'spec' | 'status'> = { spec: { containers: [] }, status: { phase: 'Succeeded' } };

function keptMetadata({ metadata }: KubeObject): ObjectMeta {
  const { name, namespace, uid, resourceVersion, creationTimestamp, deletionTimestamp } = metadata;
  const owners = metadata.ownerReferences?.filter(({ controller }) => controller === true);
  const labels = keptLabels.flatMap((label) => {
    const value = metadata.labels?.[label];
    return value === undefined ? [] : [[label, value] as const];
  });
  return defined({
    name,
    namespace,
    uid,
    resourceVersion,
    creationTimestamp,
    deletionTimestamp,
    labels: labels.length === 0 ? undefined : Object.fromEntries(labels),
    ownerReferences: owners?.length === 0 ? undefined : owners,
  });
}

const keptContainer = ({ name, image, restartPolicy }: ContainerSpec): ContainerSpec => ({
  name,
  ...defined({ image, restartPolicy }),
});

function keptPodStatus(status: PodStatus): PodStatus {
  const { phase, reason, message, conditions, containerStatuses, initContainerStatuses } = status;
  return defined({
    phase,
    reason,
    message,
    conditions: conditions?.map(({ type, status: is, reason: why, message: words }) => ({
      type,
      status: is,
      ...defined({ reason: why, message: words }),
    })),
    containerStatuses: containerStatuses?.map(keptStatus),
    initContainerStatuses: initContainerStatuses?.map(keptStatus),
  });
}

function keptStatus({
  name,
  image,
  ready,
  started,
  restartCount,
  state,
  lastState,
}: ContainerStatus): ContainerStatus {
  return { name, ...defined({ image, ready, started, restartCount, state, lastState }) };
}

type Defined<T> = { [K in keyof T]?: T[K] & ({} | null) };

/** Without the properties that are undefined, which would take room and are told from absent ones. */
function defined<T extends object>(values: T): Defined<T> {
  const kept: Defined<T> = {};
  for (const key in values) {
    const value = values[key];
    if (value !== undefined) kept[key] = value;
  }
  return kept;
}
