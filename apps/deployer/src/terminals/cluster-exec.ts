import { type KubeApi, KubeApiError, KubeConnectionError, openExec } from '@cloudemy/k8s';
import { ProblemError } from '@cloudemy/service';
import type { ExecChannel, ExecExit, OpenExec } from './exec-channel.js';

/**
 * Runs commands in the containers of a cluster.
 *
 * @throws ProblemError `pod_not_running` when the container has ended since it was chosen, from the returned function
 */
export function clusterExec(api: KubeApi): OpenExec {
  return async (target, command): Promise<ExecChannel> => {
    const { namespace, podName: pod, containerName: container } = target;
    const request = { namespace, pod, container, command, tty: true };
    const connection = await openExec(api, request).catch((error: unknown) => {
      throw endedMeanwhile(error) ? notRunning(pod, error) : error;
    });
    const exited = connection.exited.then(
      ({ started, exitCode, message }): ExecExit =>
        started ? { kind: 'exited', exitCode: exitCode ?? 0 } : { kind: 'not_started', message },
      (error: unknown): ExecExit => ({ kind: 'lost', message: messageOf(error) }),
    );
    return {
      output: connection,
      input: connection,
      exited,
      resize: (cols, rows) => connection.resize(cols, rows),
      close: () => connection.destroy(),
    };
  };
}

const messageOf = (error: unknown): string =>
  error instanceof KubeConnectionError ? error.what : error instanceof Error ? error.message : String(error);

/** A pod that was deleted is not found; in one that has ended, the API server says so with a 500 of its kubelet. */
const endedMeanwhile = (error: unknown): boolean =>
  error instanceof KubeApiError &&
  (error.status === 404 || (error.status === 500 && error.message.includes('container not found')));

const notRunning = (pod: string, cause: unknown): ProblemError =>
  new ProblemError('pod_not_running', {
    detail: `The pod ${pod} has ended just now, so no terminal can be opened in it. GET /jobs/{job_name}/status says why.`,
    cause,
  });
