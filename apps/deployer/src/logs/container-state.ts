import type { ContainerStatus, Pod } from '@cloudemy/k8s';

/** Where a container is in its life, as far as its log goes. */
export interface ContainerLife {
  /** There is something to read: it runs or has run. */
  hasStarted: boolean;
  /** It will not run again. */
  isOver: boolean;
  /** Its process has ended and may be started again. */
  isDown: boolean;
  restarts: number;
  /** When the present run began, or the last one. */
  startedAt: string | undefined;
}

export function containerLife(pod: Pod, container: string): ContainerLife {
  const status = statusOf(pod, container);
  const { running, terminated } = status?.state ?? {};
  const hasEnded = terminated !== undefined;
  const podIsOver = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
  return {
    hasStarted: running !== undefined || hasEnded || status?.lastState?.terminated !== undefined,
    isOver: podIsOver || (terminated !== undefined && !willRestart(pod, container, terminated.exitCode)),
    isDown: running === undefined,
    restarts: status?.restartCount ?? 0,
    startedAt: running?.startedAt ?? terminated?.startedAt,
  };
}

function statusOf(pod: Pod, container: string): ContainerStatus | undefined {
  const {
    initContainerStatuses = [],
    containerStatuses = [],
    ephemeralContainerStatuses = [],
  } = pod.status ?? {};
  return [...initContainerStatuses, ...containerStatuses, ...ephemeralContainerStatuses].find(
    ({ name }) => name === container,
  );
}

function willRestart(pod: Pod, container: string, exitCode: number): boolean {
  const init = pod.spec.initContainers?.find(({ name }) => name === container);
  // A sidecar runs as long as its pod does
  // (https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/).
  if (init?.restartPolicy === 'Always') return true;
  if (pod.spec.restartPolicy === 'Never') return false;
  return exitCode !== 0 || (pod.spec.restartPolicy === 'Always' && init === undefined);
}
