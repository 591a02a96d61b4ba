import { setTimeout as sleep } from 'node:timers/promises';
import { type KubeApi, PODS, type Pod, isNotFound, resourcePath } from '@cloudemy/k8s';
import { ProblemError } from '@cloudemy/service';
import { statusOf } from './container-status.js';
import type { ExecExit } from './exec-channel.js';
import { type SessionEnd, endFor } from './session-end.js';
import type { Target } from './target.js';

/** What a shell's end looks like when its container was killed around it: 128 and SIGKILL. */
const killed = 137;
/** Milliseconds to wait before each look at the pod. The kubelet reports an ended container a second late. */
const looks = [0, 300, 700, 1_000];

/**
 * Finds out why a terminal's command ended: the shell by itself, its container, its pod, or the connection.
 * The cluster reports the first three all as an exit code.
 */
export async function explainExit(api: KubeApi, target: Target, exit: ExecExit): Promise<SessionEnd> {
  if (exit.kind === 'exited' && exit.exitCode !== killed) return shellExited(exit.exitCode);
  for (const ms of looks) {
    await sleep(ms);
    const end = await lookAtPod(api, target).catch(() => undefined);
    if (end !== undefined) return end;
  }
  if (exit.kind === 'exited') return shellExited(exit.exitCode);
  return endFor('internal_error', `The connection to the container was lost: ${exit.message}.`);
}

/**
 * Why a shell could not be started, when it was the pod that ended meanwhile.
 *
 * @returns the error that was thrown, when the pod is as it was
 */
export async function explainFailedStart(api: KubeApi, target: Target, error: unknown): Promise<unknown> {
  if (!(error instanceof ProblemError) || error.code !== 'cluster_error') return error;
  const end = await lookAtPod(api, target).catch(() => undefined);
  if (end === undefined) return error;
  return new ProblemError('pod_not_running', {
    detail: `${end.message} No terminal can be opened in it. GET /jobs/${target.jobName}/status says more.`,
    cause: error,
  });
}

function shellExited(exitCode: number): SessionEnd {
  return { reason: 'shell_exited', message: `The shell has exited with ${exitCode}.`, exitCode };
}

async function lookAtPod(
  api: KubeApi,
  { namespace, podName, podUid, containerName, restarts }: Target,
): Promise<SessionEnd | undefined> {
  const gone = endFor('pod_gone', `The pod ${podName} was deleted.`);
  let pod: Pod;
  try {
    pod = await api.get<Pod>(resourcePath(PODS, { namespace, name: podName }));
  } catch (error) {
    if (isNotFound(error)) return gone;
    throw error;
  }
  if (pod.metadata.uid !== podUid || pod.metadata.deletionTimestamp !== undefined) return gone;
  const status = statusOf(pod, containerName);
  const running = status?.state?.running !== undefined && (status.restartCount ?? 0) === restarts;
  if (running) return undefined;
  const how = status?.state?.terminated ?? status?.lastState?.terminated;
  const code =
    how === undefined ? '' : ` with ${how.exitCode}${how.reason === undefined ? '' : ` (${how.reason})`}`;
  return endFor('container_ended', `The container ${containerName} has ended${code}.`);
}
