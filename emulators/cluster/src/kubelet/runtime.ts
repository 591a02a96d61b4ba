import type { ExecOptions, LogOptions, PodRuntime } from '../kubelet-contract.js';
import type { KubeObject } from '../objects.js';
import { ApiError } from '../store/api-error.js';
import type { ContainerRun } from './container/container-run.js';
import { execIn } from './exec/exec-session.js';
import type { Groups } from './exec/exec-session.js';
import { readLog } from './logs/log-reader.js';
import type { ContainerStatus } from './pod.js';
import { isPod } from './pod.js';
import type { PodWorker } from './pod-worker.js';
import type { Isolation } from './process/isolation.js';

function statusOf(pod: KubeObject, container: string): ContainerStatus | undefined {
  if (!isPod(pod)) {
    return undefined;
  }
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {};
  return [...initContainerStatuses, ...containerStatuses].find(({ name }) => name === container);
}

// eslint-disable-next-line require-yield -- a log that has no lines
async function* noLines(): AsyncGenerator<Buffer> {}

/** Logs and exec, for the API server. */
export function createRuntime(
  isolation: Isolation,
  worker: (uid: string) => PodWorker | undefined,
  groups: Groups,
): PodRuntime {
  const running = (pod: KubeObject, container: string): ContainerRun => {
    const run = worker(pod.metadata.uid)?.keeper(container)?.running;
    if (run === undefined) {
      throw new ApiError(500, 'InternalError', `container not found ("${container}")`);
    }
    return run;
  };
  return {
    openLog: (pod: KubeObject, container: string, options: LogOptions) => {
      const status = statusOf(pod, container);
      const id = options.previous ? status?.lastState.terminated?.containerID : status?.containerID;
      const run = worker(pod.metadata.uid)?.keeper(container)?.run(id);
      return run === undefined ? noLines() : readLog(run.log, options);
    },
    exec: (pod: KubeObject, container: string, options: ExecOptions) =>
      execIn(isolation, running(pod, container), options, groups),
  };
}
