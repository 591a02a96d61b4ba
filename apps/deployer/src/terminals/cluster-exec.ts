import { type KubeApi, openExec } from '@cloudemy/k8s';
import type { ExecChannel, ExecExit, OpenExec } from './exec-channel.js';

/** Runs commands in the containers of a cluster. */
export function clusterExec(api: KubeApi): OpenExec {
  return async (target, command): Promise<ExecChannel> => {
    const { namespace, podName: pod, containerName: container } = target;
    const connection = await openExec(api, { namespace, pod, container, command, tty: true });
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

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
