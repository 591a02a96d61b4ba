import { type Job, type Pod, findPodProblem, listContainers } from '@cloudemy/k8s';
import { ProblemError } from '@cloudemy/service';
import { statusOf } from './container-status.js';

/** The annotation by which a pod says which container is meant when none is named; kubectl heeds it too. */
const defaultContainer = 'kubectl.kubernetes.io/default-container';

/** The container a terminal opens in. */
export interface Target {
  namespace: string;
  jobName: string;
  podName: string;
  podUid: string;
  containerName: string;
  /** How often the container had been restarted. */
  restarts: number;
}

export interface Wanted {
  podName: string | undefined;
  containerName: string | undefined;
}

/**
 * Chooses the pod and the container of a Job: the newest pod in which the container runs, and the container that
 * kubectl would take, unless told otherwise.
 *
 * @param oldestFirst the Job's pods
 * @throws ProblemError `not_found`, `pod_not_running`
 */
export function chooseTarget(job: Job, oldestFirst: readonly Pod[], wanted: Wanted): Target {
  const jobName = job.metadata.name ?? '';
  const pods = oldestFirst.toReversed();
  const candidates = wanted.podName === undefined ? pods : pods.filter(isNamed(wanted.podName));
  const [newest] = candidates;
  if (newest === undefined) throw noSuchPod(jobName, pods, wanted.podName);
  for (const pod of candidates) {
    const containerName = chooseContainer(pod, wanted.containerName);
    const status = statusOf(pod, containerName);
    if (pod.metadata.deletionTimestamp !== undefined || status?.state?.running === undefined) continue;
    return {
      namespace: pod.metadata.namespace ?? '',
      jobName,
      podName: pod.metadata.name ?? '',
      podUid: pod.metadata.uid ?? '',
      containerName,
      restarts: status.restartCount ?? 0,
    };
  }
  throw notRunning(newest, chooseContainer(newest, wanted.containerName));
}

const isNamed = (name: string) => (pod: Pod) => pod.metadata.name === name;

function noSuchPod(jobName: string, pods: readonly Pod[], podName: string | undefined): ProblemError {
  if (podName === undefined) {
    return new ProblemError('pod_not_running', {
      detail: `The Job ${jobName} has no pod at the moment. GET /jobs/${jobName}/status says why.`,
    });
  }
  const names = pods.map(({ metadata }) => metadata.name).join(', ');
  return new ProblemError('not_found', {
    detail: `The Job ${jobName} has no pod ${podName}; it has ${names === '' ? 'none at the moment' : names}.`,
  });
}

function chooseContainer(pod: Pod, wanted: string | undefined): string {
  const all = listContainers(pod);
  const names = all.map(({ name }) => name).join(', ');
  if (wanted !== undefined) {
    if (all.some(({ name }) => name === wanted)) return wanted;
    throw new ProblemError('not_found', {
      detail: `The pod ${pod.metadata.name} has no container ${wanted}; it has ${names}.`,
    });
  }
  const chosen = pod.metadata.annotations?.[defaultContainer];
  if (chosen !== undefined && all.some(({ name }) => name === chosen)) return chosen;
  return pod.spec.containers[0]?.name ?? '';
}

function notRunning(pod: Pod, containerName: string): ProblemError {
  return new ProblemError('pod_not_running', {
    detail: `No terminal can be opened in the pod ${pod.metadata.name}: ${whyNot(pod, containerName)}.`,
  });
}

function whyNot(pod: Pod, containerName: string): string {
  if (pod.metadata.deletionTimestamp !== undefined) return 'it is being deleted';
  const phase = pod.status?.phase ?? 'Pending';
  const ended = statusOf(pod, containerName)?.state?.terminated;
  if (phase === 'Succeeded' || phase === 'Failed') return `it has finished (${phase})`;
  if (ended !== undefined) return `its container ${containerName} has ended with ${ended.exitCode}`;
  const problem = findPodProblem(pod);
  return problem === undefined ? `its container ${containerName} has not started yet` : problem.message;
}
